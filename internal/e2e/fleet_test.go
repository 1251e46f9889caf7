package e2e

import (
	"context"
	"database/sql"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq"
)

// fleet is a shop in processes of their own whose servers can fail: PostgreSQL is behind a door, and Redis is its own.
type fleet struct {
	*shop
	whole    *testing.T // the test as long as which processes live; shop.t may be one within it
	postgres *door
	redis    *redisServer
	database map[string]*sql.DB // of each service, and of the gateway for tests, past the door
}

// startFleet starts the services, the gateway for tests and the router in test mode, and a second instance of those that
// are named twice.
func startFleet(t *testing.T, twice ...string) *fleet {
	t.Helper()
	f := &fleet{shop: startServers(t), whole: t, redis: startRedis(t), database: map[string]*sql.DB{}}
	f.openDatabases()
	all := append(slices.Clone(services), "fakepay", "router")
	addresses := map[string]string{}
	for _, name := range append(all, twice...) {
		process := name
		if _, there := addresses[name]; there {
			process += " again"
		}
		addresses[process] = freeAddress(t)
		if process == name && name != "fakepay" {
			f.subgraphs[name] = "http://" + addresses[name] + "/graphql"
		}
	}
	f.graph = f.subgraphs["router"]
	delete(f.subgraphs, "router")
	for process, address := range addresses {
		name, _, _ := strings.Cut(process, " ")
		f.env[process] = append(f.behindTheDoor(without(f.variables(name), "SOUK_SUBGRAPHS", "REDIS_URL", "SOUK_FAKEPAY_URL")),
			"SOUK_TEST_MODE=1", "SOUK_SUBGRAPHS="+f.others(name), "SOUK_FAKEPAY_URL=http://"+addresses["fakepay"],
			"REDIS_URL=redis://"+f.redis.address+"/0", listenVariable(name)+"="+address)
	}
	for process := range addresses {
		f.launch(process)
	}
	for process := range addresses {
		f.processes[process].waitFor(`answers at`)
	}
	return f
}

// with is the fleet for a test within the test that started it.
func (f *fleet) with(t *testing.T) *fleet {
	of := *f
	of.shop = f.shop.with(t)
	return &of
}

// launch starts a process of the fleet, perhaps with further variables.
func (f *fleet) launch(process string, env ...string) {
	f.t.Helper()
	name, _, _ := strings.Cut(process, " ")
	f.processes[process] = start(f.whole, append(slices.Clone(f.env[process]), env...), name, "--state-dir", f.state)
}

// relaunch starts a process and waits until it answers.
func (f *fleet) relaunch(process string, env ...string) {
	f.t.Helper()
	f.launch(process, env...)
	f.processes[process].waitFor(`answers at`)
}

// openDatabases connects to the databases, past the door, and lets the door lead to them.
func (f *fleet) openDatabases() {
	f.t.Helper()
	for _, name := range append(slices.Clone(services), "fakepay") {
		address := ""
		for _, v := range f.variables(name) {
			if variable, value, _ := strings.Cut(v, "="); strings.HasSuffix(variable, "_OWNER_DATABASE_URL") {
				address = value
			}
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			f.t.Fatalf("%s is told no database: %q (%v)", name, address, err)
		}
		if f.postgres == nil {
			f.postgres = newDoor(f.whole, u.Host)
			f.postgres.open()
		}
		f.postgres.leadTo(u.Host)
		db, err := sql.Open("postgres", address)
		if err != nil {
			f.t.Fatal(err)
		}
		db.SetMaxIdleConns(0) // Databases are copied, dropped and out of reach in some stories.
		f.whole.Cleanup(func() {
			if err := db.Close(); err != nil {
				f.whole.Error(err)
			}
		})
		f.database[name] = db
	}
}

// crashPostgres kills PostgreSQL and starts it again on its data, while the door is shut.
func (f *fleet) crashPostgres() {
	f.t.Helper()
	f.postgres.close()
	for _, pid := range serversOf(f.t, f.state) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // It may have ended with its parent.
	}
	f.processes["servers"].ended()
	f.processes["servers"] = start(f.whole, nil, "servers", "--state-dir", f.state)
	f.processes["servers"].waitFor(`Ctrl-C`)
	f.openDatabases()
}

// behindTheDoor lets variables with the address of PostgreSQL lead to the door.
func (f *fleet) behindTheDoor(env []string) []string {
	for i, v := range env {
		env[i] = strings.ReplaceAll(v, "@"+f.postgres.server+"/", "@"+f.postgres.address+"/")
	}
	return env
}

// number reads one number from a service's database.
func (f *fleet) number(service, query string, args ...any) int {
	f.t.Helper()
	ctx, stop := context.WithTimeout(f.t.Context(), 10*time.Second)
	defer stop()
	var n int
	if err := f.database[service].QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		f.t.Fatalf("%s: %s: %v", service, query, err)
	}
	return n
}

// texts reads a column of texts from a service's database.
func (f *fleet) texts(service, query string, args ...any) []string {
	f.t.Helper()
	ctx, stop := context.WithTimeout(f.t.Context(), 10*time.Second)
	defer stop()
	rows, err := f.database[service].QueryContext(ctx, query, args...)
	if err != nil {
		f.t.Fatalf("%s: %s: %v", service, query, err)
	}
	defer rows.Close() //nolint:errcheck // Err tells what matters.
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			f.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		f.t.Fatalf("%s: %s: %v", service, query, err)
	}
	return texts
}
