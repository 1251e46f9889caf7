package launch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/soukhq/souk/internal/launch/child"
)

// Redis returns a Redis that is ready: the one Options.URL names (unchecked,
// as its address may use any option of the client), else a private
// redis-server, else, with Options.OneProcess, one inside this process. A
// private Redis keeps nothing after its end.
//
// Another process that runs the same StateDir is a *RunningError, unless
// Options.Join is set.
func Redis(ctx context.Context, o Options) (*Server, error) {
	return o.open(ctx, "redis", func(o Options) (*Server, error) {
		if o.URL != "" {
			return newServer(o.URL, "the given Redis", nil, nil), nil
		}
		program, err := o.redisProgram(ctx)
		if err == nil {
			return o.privateRedis(ctx, program)
		}
		if o.OneProcess {
			o.Log.Warn("redis-server not found, a small Redis inside this process stands in", "reason", err)
			return redisInside()
		}
		return nil, err
	})
}

// redisProgram finds redis-server or installs its Debian package.
func (o Options) redisProgram(ctx context.Context) (string, error) {
	path, err := exec.LookPath("redis-server")
	if err == nil {
		return path, nil
	}
	reason := o.installPackage(ctx, "redis-server")
	if reason == nil {
		if path, err = exec.LookPath("redis-server"); err == nil {
			return path, nil
		}
		reason = err
	}
	return "", errors.Join(errors.New("no redis-server found, which services in several processes need"), reason,
		errors.New("install it as root with\n  apt-get update\n  apt-get install -y redis-server\nor set REDIS_URL to a running Redis"))
}

// privateRedis starts redis-server. It takes its configuration from standard
// input, where no other user sees the password, and writes no file.
func (o Options) privateRedis(ctx context.Context, program string) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	who, err := child.ServerAccount()
	if err != nil {
		return nil, err
	}
	log, forget := filepath.Join(o.StateDir, "logs", "redis.log"), func() error { return nil }
	if o.Throwaway {
		home, err := newTemporary(who)
		if err != nil {
			return nil, err
		}
		log, forget = home.log(), home.remove
	}
	secret := password()
	for try := 1; ; try++ {
		port, err := freePort()
		if err != nil {
			return nil, errors.Join(err, forget())
		}
		host := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		cmd := who.Command("/", program, "-")
		cmd.Stdin = strings.NewReader(fmt.Sprintf(redisSettings, port, secret))
		p, err := child.Start(cmd, log, who, syscall.SIGKILL)
		if err != nil {
			return nil, errors.Join(err, forget())
		}
		stop := func() error { return errors.Join(p.Stop(5*time.Second, syscall.SIGTERM), forget()) }
		err = p.Await(ctx, func(ctx context.Context) error { return pingRedis(ctx, host, secret) })
		if err == nil {
			o.Log.Info("redis started", "program", program, "pid", p.PID)
			u := url.URL{Scheme: "redis", User: url.UserPassword("default", secret), Host: host, Path: "/0"}
			return newServer(u.String(), "a private redis-server", p, stop), nil
		}
		if try == 3 || !strings.Contains(err.Error(), "Address already in use") {
			return nil, errors.Join(err, stop())
		}
		if err := p.Stop(5*time.Second, syscall.SIGTERM); err != nil {
			return nil, errors.Join(err, forget())
		}
	}
}

// redisSettings is the configuration of a private redis-server.
const redisSettings = `bind 127.0.0.1
port %d
protected-mode yes
requirepass %s
save ""
appendonly no
daemonize no
dir /
`

// pingRedis logs in to a Redis and asks whether it is there.
func pingRedis(ctx context.Context, host, secret string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	if at, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(at); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\n", secret); err != nil {
		return err
	}
	lines := bufio.NewScanner(conn)
	for _, want := range []string{"+OK", "+PONG"} {
		if !lines.Scan() || lines.Text() != want {
			return fmt.Errorf("redis answered %q", lines.Text())
		}
	}
	return nil
}

// redisInside starts a Redis within this process. Its clock stands still, so a
// ticker moves it.
func redisInside() (*Server, error) {
	secret := password()
	m := miniredis.NewMiniRedis()
	m.RequireAuth(secret)
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start redis inside this process: %w", err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for last := time.Now(); ; {
			select {
			case now := <-tick.C:
				m.FastForward(now.Sub(last))
				last = now
			case <-stop:
				return
			}
		}
	}()
	u := url.URL{Scheme: "redis", User: url.UserPassword("default", secret), Host: m.Addr(), Path: "/0"}
	return newServer(u.String(), "a small Redis inside this process", nil, func() error {
		close(stop)
		<-stopped
		m.Close()
		return nil
	}), nil
}
