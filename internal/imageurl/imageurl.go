// Package imageurl writes the address of a picture.
package imageurl

import "strings"

// URL returns where a picture is: an address stays as it is, the name of a file of ours is put below the base address of
// the media server. Clients append width, height and crop as query parameters.
func URL(base, source string) string {
	if strings.HasPrefix(source, "https://") || strings.HasPrefix(source, "http://") {
		return source
	}
	return strings.TrimSuffix(base, "/") + "/" + strings.TrimPrefix(source, "/")
}
