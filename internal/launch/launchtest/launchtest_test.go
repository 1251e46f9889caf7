package launchtest_test

import (
	"database/sql"
	"net/url"
	"os"
	"testing"

	_ "github.com/lib/pq"
	"github.com/redis/go-redis/v9"

	"github.com/soukhq/souk/internal/launch/launchtest"
)

func TestMain(m *testing.M) { os.Exit(launchtest.Main(m)) }

func TestPostgres(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("postgres", launchtest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var mayDo bool
	err = db.QueryRowContext(t.Context(), `select rolsuper from pg_roles where rolname = current_user`).Scan(&mayDo)
	if err != nil || !mayDo {
		t.Errorf("the test may do everything: %v, %v", mayDo, err)
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	o, err := redis.ParseURL(launchtest.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer c.Close()
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestSameServerForAll(t *testing.T) {
	t.Parallel()
	one, two := launchtest.Postgres(t), launchtest.Postgres(t)
	if one != two {
		t.Errorf("two servers %s and %s, want one", one, two)
	}
	if u, err := url.Parse(one); err != nil || u.Hostname() == "" {
		t.Errorf("no usable address: %v", err)
	}
}
