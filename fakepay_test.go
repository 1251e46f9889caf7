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
		_, plays := newEnv(config.Shop{Currency: "EUR", Tests: config.Tests{FakepayURL: "http://pay.test"}}, "", "", secrets)
		if (plays != nil) != refused || plays != nil && !strings.Contains(plays.Error(), "SOUK_FAKEPAY_URL") {
			t.Errorf("the gateway for tests in %q: %v, want it refused: %v", environment, plays, refused)
		}
		if err == nil && (!env.TestMode || env.FakepayURL != "http://pay.test") {
			t.Errorf("the services are told test mode %v, fakepay at %q", env.TestMode, env.FakepayURL)
		}
	}
	t.Setenv("SOUK_ENV", "production")
	var g run.Group
	if got, err := openFakepay(t.Context(), &config.Serve{}, launch.Access{}, &g, slog.New(slog.DiscardHandler)); got != "" || err != nil {
		t.Errorf("the gateway of a shop that sells in earnest: %q, %v", got, err)
	}
}

func TestProcessesOfAMachineHaveNames(t *testing.T) { // Rule O-8.
	t.Parallel()
	if a, b := processAt("127.0.0.1:4003"), processAt("127.0.0.1:5003"); a == b || a != processAt("127.0.0.1:4003") {
		t.Errorf("two processes are named %q and %q", a, b)
	}
}
