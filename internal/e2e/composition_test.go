package e2e

import (
	"bufio"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// container is what docker-compose.yml says of a service.
type container struct {
	Image       string
	Entrypoint  []string
	Command     []string
	Environment map[string]string
	Ports       []string
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct{ Test []string }
	Networks    map[string]struct{ Aliases []string }
	ReadOnly    bool `yaml:"read_only"`
}

// composition is docker-compose.yml, with processes in the place of containers.
type composition struct {
	t         *testing.T
	services  map[string]container
	image     []string          // the environment of the image
	binaries  map[string]string // by their path in the image
	replace   *strings.Replacer // the names and ports of containers by addresses of this machine
	addresses map[string]string // of the services
	data      string
	servers   map[string]string // the addresses of PostgreSQL, in the role that makes databases, and of Redis, by variable
	processes map[string]*process
}

var (
	variable  = regexp.MustCompile(`\$\{([A-Z_]+)(:?-)([^}]*)\}`)
	port      = regexp.MustCompile(`http://127\.0\.0\.1:(\d+)/`)
	imageEnv  = regexp.MustCompile(`\b(SOUK_[A-Z_]+)=(\S+)`)
	goBuild   = regexp.MustCompile(`CGO_ENABLED=0 go build .* -o /image/ (\. .*) \\`)
	imageFrom = regexp.MustCompile(`(?m)^FROM (\S+)`)
)

// readComposition reads the file as it is where no variable is set.
func readComposition(t *testing.T) *composition {
	t.Helper()
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	plain := variable.ReplaceAllString(string(text), "$3")
	var file struct{ Services map[string]container }
	if err := yaml.UnmarshalWithOptions([]byte(plain), &file, yaml.AllowDuplicateMapKey()); err != nil {
		t.Fatal(err)
	}
	return &composition{t: t, services: file.Services, addresses: map[string]string{}, processes: map[string]*process{}, data: t.TempDir()}
}

// build builds what the Dockerfile puts into the image beside the program.
func (c *composition) build() {
	c.t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, m := range imageEnv.FindAllStringSubmatch(string(text), -1) {
		c.image = append(c.image, m[1]+"="+m[2])
	}
	if stages := imageFrom.FindAllStringSubmatch(string(text), -1); len(stages) != 2 || stages[1][1] != "scratch" || !strings.Contains(string(text), "\nUSER 65532:65532\n") {
		c.t.Errorf("the image is not an empty one with an ordinary user: %v", stages)
	}
	packages := goBuild.FindStringSubmatch(string(text))
	if packages == nil || len(c.image) < 5 {
		c.t.Fatal("the Dockerfile does not say what it builds, and with which environment")
	}
	c.binaries = map[string]string{"/souk": program}
	for _, p := range strings.Fields(packages[1])[1:] {
		name := "/" + filepath.Base(p)
		c.binaries[name] = filepath.Join(c.data, name)
		if out, err := exec.Command("go", "build", "-o", c.binaries[name], "../.."+strings.TrimPrefix(p, ".")).CombinedOutput(); err != nil {
			c.t.Fatalf("build %s: %v\n%s", p, err, out)
		}
	}
}

// startServers starts a fresh PostgreSQL and Redis, which end with the test.
func (c *composition) startServers() (postgres, redis string) {
	c.t.Helper()
	command := exec.Command(program, "with-servers", "--", "sh", "-c", "env; echo READY; read line")
	command.Env, command.Stderr = clean(os.Environ()), os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = in.Close() // Then the shell ends, and the servers with it.
		if err := command.Wait(); err != nil && command.ProcessState.ExitCode() != 1 {
			c.t.Errorf("servers: %v", err)
		}
	})
	for s := bufio.NewScanner(out); s.Scan() && s.Text() != "READY"; {
		switch name, value, _ := strings.Cut(s.Text(), "="); name {
		case "SOUK_TEST_DATABASE_URL":
			postgres = value
		case "SOUK_TEST_REDIS_URL":
			redis = value
		}
	}
	if postgres == "" || redis == "" {
		c.t.Fatal("the servers did not start")
	}
	return postgres, redis
}

// place gives every service an address of this machine.
func (c *composition) place() {
	c.t.Helper()
	postgres, redis := c.startServers()
	c.servers = map[string]string{"DATABASE_URL": postgres, "REDIS_URL": redis}
	c.addresses["postgres:5432"], c.addresses["redis:6379"] = hostOf(c.t, postgres), hostOf(c.t, redis)
	var pairs []string
	for name, s := range c.services {
		m := port.FindStringSubmatch(strings.Join(s.Healthcheck.Test, " "))
		if m == nil {
			continue
		}
		address := freeAddress(c.t)
		c.addresses[name+":"+m[1]] = address
		for _, alias := range s.Networks["default"].Aliases {
			c.addresses[alias+":"+m[1]] = address
		}
	}
	for _, from := range slices.Backward(slices.SortedFunc(maps.Keys(c.addresses), func(a, b string) int { return len(a) - len(b) })) {
		pairs = append(pairs, "@"+from, "@"+c.addresses[from], "//"+from, "//"+c.addresses[from])
	}
	c.replace = strings.NewReplacer(append(pairs, "/data", c.data, "/content", content(c.t))...)
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.URL.Host
}

func content(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../examples/cms/content")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// local writes what a container is told as its process has to be told it.
func (c *composition) local(name, text string) string {
	s := c.services[name]
	text = c.replace.Replace(text)
	if m := port.FindStringSubmatch(strings.Join(s.Healthcheck.Test, " ")); m != nil {
		address := c.addresses[name+":"+m[1]]
		text = strings.NewReplacer("0.0.0.0:"+m[1], address, "127.0.0.1:"+m[1]+"/", address+"/").Replace(text)
	}
	return strings.ReplaceAll(text, "0.0.0.0:9464", "127.0.0.1:0")
}

// environment is that of a container: the image's, then its own.
func (c *composition) environment(name string) []string {
	env := []string{}
	for _, v := range c.image {
		env = append(env, c.local(name, v))
	}
	for key, value := range c.services[name].Environment {
		if own := c.servers[key]; own != "" {
			value = own // It has a password of its own.
		}
		env = append(env, key+"="+c.local(name, value))
	}
	return env
}

// start starts a service once those that it waits for are as it wants them.
func (c *composition) start(name string) {
	c.t.Helper()
	s := c.services[name]
	if s.Image != c.services["router"].Image || c.processes[name] != nil {
		return // PostgreSQL and Redis are there.
	}
	for other, wants := range s.DependsOn {
		c.start(other)
		switch p := c.processes[other]; {
		case p == nil:
		case wants.Condition == "service_completed_successfully":
			if code := p.ended(); code != 0 {
				c.t.Fatalf("%s ended with %d:\n%s", other, code, p.text())
			}
		case wants.Condition == "service_healthy":
			c.healthy(other)
		default:
			c.t.Errorf("%s waits for %s to be %q", name, other, wants.Condition)
		}
	}
	c.processes[name] = startProgram(c.t, c.binary(name), c.environment(name), c.arguments(name, s.Command)...)
}

func (c *composition) binary(name string) string {
	path := "/souk"
	if e := c.services[name].Entrypoint; len(e) > 0 {
		path = e[0]
	}
	if c.binaries[path] == "" {
		c.t.Fatalf("%s: there is no %s in the image", name, path)
	}
	return c.binaries[path]
}

func (c *composition) arguments(name string, args []string) []string {
	var own []string
	for _, a := range args {
		own = append(own, c.local(name, a))
	}
	return own
}

// healthy waits until the health check of a service passes.
func (c *composition) healthy(name string) {
	c.t.Helper()
	check := c.arguments(name, c.services[name].Healthcheck.Test)
	if len(check) < 3 || check[0] != "CMD" || c.binaries[check[1]] == "" {
		c.t.Fatalf("%s has the health check %q", name, check)
	}
	eventually(c.t, name+" is healthy", func() bool {
		select {
		case <-c.processes[name].done:
			c.t.Fatalf("%s ended:\n%s", name, c.processes[name].text())
		default:
		}
		return exec.CommandContext(c.t.Context(), c.binaries[check[1]], check[2:]...).Run() == nil
	})
}
