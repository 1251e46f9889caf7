package router

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// compressFrom is the size of the smallest answer that is compressed.
const compressFrom = 1 << 10

// compressing answers in gzip, or in zstd where that is allowed, if the client takes it and the answer is worth it.
func compressing(next http.HandlerFunc, zstd bool) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.EnableZstd(zstd), gzhttp.ContentTypeFilter(gzhttp.CompressAllContentTypeFilter))
	if err != nil {
		return nil, err
	}
	return wrap(next), nil
}

// gzips holds readers that are not in use.
var gzips = sync.Pool{New: func() any { return &gzip.Reader{} }}

// read takes in a body, which is no longer than the limit when it is decompressed either.
func (x *exchange) read(body io.Reader, encoding string, limit int64) *refusal {
	var err error
	switch strings.ToLower(encoding) {
	case "", "identity":
		_, err = x.in.ReadFrom(body)
	case "gzip":
		r := gzips.Get().(*gzip.Reader)
		defer gzips.Put(r)
		if err = r.Reset(body); err == nil {
			err = x.decompress(r, limit)
		}
	case "zstd":
		var r *zstd.Decoder
		r, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
		if err == nil {
			defer r.Close()
			err = x.decompress(r, limit)
		}
	default:
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The request body may be compressed by gzip or zstd only.")
	}
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "The request body is too large.")
	}
	if err != nil {
		return badRequest("The request body cannot be read.")
	}
	return nil
}

func (x *exchange) decompress(r io.Reader, limit int64) error {
	_, err := x.in.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && int64(x.in.Len()) > limit {
		err = &http.MaxBytesError{Limit: limit}
	}
	return err
}
