package router

import (
	"mime"
	"strconv"
	"strings"
)

// The media types of answers.
const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
)

// negotiate chooses the media type of the answer from the Accept headers; "" where the client takes none of ours. The
// one of higher quality wins, then the one that is named more exactly, then application/json.
func negotiate(accept []string) string {
	if len(accept) == 0 {
		return mediaJSON
	}
	if len(accept) == 1 { // what clients usually send
		switch accept[0] {
		case mediaJSON, "*/*":
			return mediaJSON
		case mediaResponse:
			return mediaResponse
		}
	}
	best, chosen := rank{}, ""
	for _, media := range []string{mediaJSON, mediaResponse} {
		r := rankOf(accept, media)
		if r.quality > 0 && best.less(r) {
			best, chosen = r, media
		}
	}
	return chosen
}

// rank is how much a client wants a media type.
type rank struct {
	quality  float64
	exact    int // 2 for the type, 1 for application/*, 0 for */*
	position int // in the header, negated: earlier is better
}

func (r rank) less(o rank) bool {
	if r.quality != o.quality {
		return r.quality < o.quality
	}
	if r.exact != o.exact {
		return r.exact < o.exact
	}
	return r.exact == 2 && r.position < o.position
}

// rankOf finds the most exact range that covers the media type.
func rankOf(accept []string, media string) rank {
	best, found := rank{}, false
	position := 0
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		position--
		name, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		r := rank{quality: 1, position: position}
		switch name {
		case media:
			r.exact = 2
		case "application/*":
			r.exact = 1
		case "*/*":
		default:
			continue
		}
		if charset := parameters["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
			continue
		}
		if q, ok := parameters["q"]; ok {
			if r.quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if !found || r.exact > best.exact {
			best, found = r, true
		}
	}
	return best
}
