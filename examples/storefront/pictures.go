package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
)

// pictures shows the pictures of a few servers under the address of the shop window, so that browsers ask nobody else.
type pictures struct {
	origins []string
	proxies []*httputil.ReverseProxy
}

func newPictures(origins []string) (*pictures, error) {
	p := &pictures{origins: origins}
	for _, origin := range origins {
		u, err := url.Parse(origin + "/")
		if err != nil {
			return nil, err
		}
		p.proxies = append(p.proxies, &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.Out.URL = u.JoinPath(r.In.PathValue("path"))
				r.Out.URL.RawQuery = r.In.URL.RawQuery
				r.Out.Host = u.Host
				r.Out.Header = http.Header{}
				for _, name := range []string{"Accept", "If-None-Match", "If-Modified-Since", "Range"} {
					if value := r.In.Header.Get(name); value != "" {
						r.Out.Header.Set(name, value)
					}
				}
			},
			ModifyResponse: func(r *http.Response) error {
				r.Header.Del("Set-Cookie")
				r.Header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
				return nil
			},
		})
	}
	return p, nil
}

// path is where the shop window shows a picture; the address itself where it is of an unknown server.
func (p *pictures) path(address string) string {
	for i, origin := range p.origins {
		if rest, ours := strings.CutPrefix(address, origin+"/"); ours {
			return "/images/" + strconv.Itoa(i) + "/" + rest
		}
	}
	return address
}

// ServeHTTP answers with the picture that its server has. Everything but pictures stays where it is.
func (p *pictures) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.PathValue("server"))
	folder, file, _ := strings.Cut(r.PathValue("path"), "/")
	if err != nil || i < 0 || i >= len(p.proxies) || folder != "media" && folder != "images" || strings.Contains(file, "..") {
		http.NotFound(w, r)
		return
	}
	w.Header().Del("Content-Security-Policy")
	w.Header().Del("X-Content-Type-Options")
	p.proxies[i].ServeHTTP(w, r)
}
