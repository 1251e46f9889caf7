package main

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/launch"
	"github.com/soukhq/souk/internal/run"
)

// TestWhatIsForTestsIsNotForProduction sets the environment, so it is not parallel (rule F-6).
func TestWhatIsForTestsIsNotForProduction(t *testing.T) {
	secrets, err := config.Kept(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for environment, refused := range map[string]bool{"": false, "staging": false, "production": true} {
		t.Setenv("SOUK_ENV", environment)
		shop := config.Shop{Currency: "EUR", Tests: config.Tests{TestMode: true, FakepayURL: "http://pay.test"}}
		env, err := newEnv(shop, "", "", secrets)
		if (err != nil) != refused || err != nil && !strings.Contains(err.Error(), "SOUK_TEST_MODE") {
			t.Errorf("test mode in %q: %v, want it refused: %v", environment, err, refused)
		}
		if err == nil && (!env.TestMode || env.FakepayURL != "http://pay.test") {
			t.Errorf("the services are told test mode %v, fakepay at %q", env.TestMode, env.FakepayURL)
		}
	}
	var g run.Group
	for given, want := range map[string]string{"": "", "http://pay.test": "http://pay.test"} { // SOUK_ENV is production.
		t.Setenv("SOUK_ENV", "production")
		c := &config.Serve{Shop: config.Shop{Tests: config.Tests{FakepayURL: given}}}
		if got, err := openFakepay(t.Context(), c, launch.Access{}, &g, slog.New(slog.DiscardHandler)); got != want || err != nil {
			t.Errorf("the gateway of a shop that sells in earnest, set to %q: %q, %v", given, got, err)
		}
	}
}
