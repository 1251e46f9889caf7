//go:build !race

package router_test

// raceDetector tells whether the tests run under it.
const raceDetector = false
