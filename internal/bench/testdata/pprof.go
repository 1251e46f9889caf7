package main

// This file is laid over the program to be profiled. It opens net/http/pprof and expvar at the address that
// GATEWAY_PPROF names, beside everything else that the program does.

import (
	_ "expvar"
	"net/http"
	_ "net/http/pprof"
	"os"
)

func init() {
	go func() { _ = http.ListenAndServe(os.Getenv("GATEWAY_PPROF"), nil) }()
}
