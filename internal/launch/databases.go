package launch

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// Access holds the two addresses of one service's database.
type Access struct {
	// OwnerURL may change tables; it is for migrations.
	OwnerURL string
	// ServiceURL may read and write rows, and nothing else.
	ServiceURL string
}

// Databases makes for each name, in the cluster, a database souk_NAME, the role
// souk_NAME_owner that owns it and the role souk_NAME that uses it, where they
// are not there yet. The role of the cluster's URL needs CREATEDB and
// CREATEROLE. No service's role can connect to another's database. The roles'
// passwords are random and kept in stateDir.
func Databases(ctx context.Context, cluster string, names []string, stateDir string) (map[string]Access, error) {
	address, err := clusterURL(cluster)
	if err != nil {
		return nil, err
	}
	secrets, err := keepSecrets(stateDir, names)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Access, len(names))
	for _, name := range names {
		database := "souk_" + name
		all[name] = Access{
			OwnerURL:   within(address, database, database+"_owner", secrets[name].Owner),
			ServiceURL: within(address, database, database, secrets[name].Service),
		}
	}
	return all, MakeDatabases(ctx, cluster, all)
}

// MakeDatabases makes, in the cluster, the database and the two roles that each of the addresses names, where they are not
// there yet, gives the roles the passwords in the addresses, and lets nobody else connect. The role of the cluster's URL needs
// CREATEDB and CREATEROLE.
func MakeDatabases(ctx context.Context, cluster string, access map[string]Access) error {
	address, err := clusterURL(cluster)
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", address.String())
	if err != nil {
		return fmt.Errorf("open cluster: %w", err)
	}
	defer db.Close()
	admin, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to cluster %s: %w", address.Redacted(), err)
	}
	defer admin.Close()
	// Another process may be doing the same; the lock goes with the connection.
	if err := execute(ctx, admin, `select pg_advisory_lock(hashtextextended('souk databases', 0))`); err != nil {
		return fmt.Errorf("wait for the making of databases: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(access)) {
		r, err := rolesOf(access[name])
		if err != nil {
			return fmt.Errorf("database of %s: %w", name, err)
		}
		if err := r.create(ctx, admin); err != nil {
			return fmt.Errorf("make database %s: %w", r.database, err)
		}
		if err := r.grant(ctx, within(address, r.database, "", "")); err != nil {
			return fmt.Errorf("give rights in database %s: %w", r.database, err)
		}
	}
	return nil
}

// secret holds the passwords of one service's two roles.
type secret struct{ Owner, Service string }

// serviceName is what may become part of a database's and a role's name.
var serviceName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// keepSecrets reads the roles' passwords and adds those that are missing.
func keepSecrets(stateDir string, names []string) (map[string]secret, error) {
	if err := os.MkdirAll(stateDir, 0o755); err != nil {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	path := filepath.Join(stateDir, "databases.json")
	all := map[string]secret{}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the databases' passwords: %w", err)
	}
	known := len(all)
	for _, name := range names {
		if !serviceName.MatchString(name) {
			return nil, fmt.Errorf("%q cannot be the name of a service", name)
		}
		if _, ok := all[name]; !ok {
			all[name] = secret{Owner: password(), Service: password()}
		}
	}
	if len(all) == known {
		return all, nil
	}
	if text, err = json.MarshalIndent(all, "", "  "); err != nil {
		return nil, fmt.Errorf("keep the databases' passwords: %w", err)
	}
	if err := writeFile(path, string(text)+"\n"); err != nil {
		return nil, fmt.Errorf("keep the databases' passwords: %w", err)
	}
	return all, nil
}

// within is the address of a database in a cluster, for another user if one is given.
func within(cluster *url.URL, database, user, password string) string {
	u := *cluster
	u.Path = "/" + database
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	return u.String()
}

// roles names a service's database, its owner and its user, with their passwords.
type roles struct {
	database, owner, service string
	passwords                map[string]string // by role
}

// rolesOf reads what two addresses of one database say.
func rolesOf(a Access) (roles, error) {
	owner, err := url.Parse(a.OwnerURL)
	if err != nil {
		return roles{}, errors.New("the address of the owner is not a URL") // The error would show the password.
	}
	service, err := url.Parse(a.ServiceURL)
	if err != nil {
		return roles{}, errors.New("the address is not a URL")
	}
	r := roles{database: strings.TrimPrefix(service.Path, "/"), owner: owner.User.Username(), service: service.User.Username(), passwords: map[string]string{}}
	switch {
	case r.database == "" || r.owner == "" || r.service == "":
		return roles{}, errors.New("an address has no database or no user")
	case r.owner == r.service:
		return roles{}, errors.New("owner and user must be two roles")
	case owner.Path != service.Path || owner.Host != service.Host:
		return roles{}, errors.New("the two addresses are of two databases")
	}
	r.passwords[r.owner], _ = owner.User.Password()
	r.passwords[r.service], _ = service.User.Password()
	if r.passwords[r.owner] == "" || r.passwords[r.service] == "" {
		return roles{}, errors.New("an address has no password")
	}
	return r, nil
}

// create makes what is missing and sets the passwords that are kept here.
func (r roles) create(ctx context.Context, admin *sql.Conn) error {
	for role, password := range r.passwords {
		verb := "alter"
		if there, err := exists(ctx, admin, `select exists (select from pg_roles where rolname = $1)`, role); err != nil {
			return err
		} else if !there {
			verb = "create"
		}
		if err := execute(ctx, admin, verb+` role `+pq.QuoteIdentifier(role)+` login password `+pq.QuoteLiteral(password)); err != nil {
			return err
		}
	}
	there, err := exists(ctx, admin, `select exists (select from pg_database where datname = $1)`, r.database)
	if err != nil {
		return err
	}
	database, owner := pq.QuoteIdentifier(r.database), pq.QuoteIdentifier(r.owner)
	if !there {
		// Without superuser rights only a member of a role may give it a database.
		if err := execute(ctx, admin, `grant `+owner+` to current_user`); err != nil {
			return err
		}
		if err := execute(ctx, admin, `create database `+database+` owner `+owner); err != nil {
			return err
		}
	}
	return nil
}

// grant gives owner and service their rights, seen from inside the database.
func (r roles) grant(ctx context.Context, address string) error {
	db, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	database, owner, service := pq.QuoteIdentifier(r.database), pq.QuoteIdentifier(r.owner), pq.QuoteIdentifier(r.service)
	for _, statement := range []string{
		`revoke all on database ` + database + ` from public`,
		`grant connect, temporary on database ` + database + ` to ` + service,
		`alter schema public owner to ` + owner,
		`revoke all on schema public from public`,
		`grant usage on schema public to ` + service,
		`grant select, insert, update, delete on all tables in schema public to ` + service,
		`grant usage, select on all sequences in schema public to ` + service,
		`alter default privileges for role ` + owner + ` in schema public grant select, insert, update, delete on tables to ` + service,
		`alter default privileges for role ` + owner + ` in schema public grant usage, select on sequences to ` + service,
	} {
		if err := insist(ctx, conn, statement); err != nil {
			return err
		}
	}
	return nil
}

// insist executes a statement that changes rights: a service that migrates its tables at the same moment may stand in the
// way, and Postgres then breaks one of the two off.
func insist(ctx context.Context, conn *sql.Conn, statement string) error {
	const attempts = 10
	var err error
	for range attempts {
		var server *pq.Error
		err = execute(ctx, conn, statement)
		if !errors.As(err, &server) || server.Code != "40P01" && server.Message != "tuple concurrently updated" {
			return err
		}
	}
	return err
}

func execute(ctx context.Context, conn *sql.Conn, statement string) error {
	_, err := conn.ExecContext(ctx, statement)
	return err
}

func exists(ctx context.Context, conn *sql.Conn, query, name string) (bool, error) {
	var there bool
	err := conn.QueryRowContext(ctx, query, name).Scan(&there)
	return there, err
}
