//go:build race

package execute_test

// raceDetector tells whether the tests run under it.
const raceDetector = true
