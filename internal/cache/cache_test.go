package cache_test

import (
	"os"

	"github.com/soukhq/souk/internal/launch/launchtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }
