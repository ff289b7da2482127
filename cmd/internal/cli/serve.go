package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"rsc.io/qr"

	"tamga/cmd/internal/config"
	"tamga/cmd/internal/httpapi"
	"tamga/pki"
)

// serveOptions is what was asked for.
type serveOptions struct {
	dev    bool
	listen string
}

func (a *app) serveCommand() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the HTTP API",
		Long: `Serve signing, issuing, verifying and time-stamping over HTTP.

With --dev, the first start makes test keys, a test certification authority and
a test time-stamping authority in the data folder. Nothing that they sign is
meant; they are for trying things out.`,
		Example: `  tamga serve --dev
  tamga serve --dev --listen 127.0.0.1:9000 --data /tmp/tamga`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.serve(c.Context(), o) },
	}
	c.Flags().BoolVar(&o.dev, "dev", false, "use test keys, made on the first start")
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen on")
	return c
}

// Times of the server.
const (
	renewEvery   = time.Hour        // revocation lists are looked after
	shutdownTime = 10 * time.Second // for requests in flight
)

func (a *app) serve(ctx context.Context, o serveOptions) error {
	settings, err := a.serveSettings(ctx, o.dev)
	if err != nil {
		return err
	}
	house, err := settings.Open(ctx, a.Now, pki.Uses()...)
	if err != nil {
		return err
	}
	defer house.Close()
	if err := house.RenewLists(ctx); err != nil {
		return fmt.Errorf("renewing revocation lists: %w", err)
	}
	api, err := a.api(settings, house)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return &failure{code: ExitFailed, err: fmt.Errorf("listening on %s: %w", o.listen, err),
			hint: "choose another address, such as --listen 127.0.0.1:0 for any free port"}
	}
	a.greet(settings, listener.Addr(), api.Token)
	go renew(ctx, house, api.Log)
	if err := serveUntil(ctx, api.Server(o.listen), listener, api.Log); err != nil {
		return err
	}
	a.exit = ExitOK
	return nil
}

// serveSettings loads the data folder; with dev it makes one where there is
// none. Test keys are served with --dev only, and others never with it.
func (a *app) serveSettings(ctx context.Context, dev bool) (*config.Settings, error) {
	if dev {
		dir, err := a.data()
		if err != nil {
			return nil, err
		}
		made, err := config.SetUp(ctx, dir, a.Now())
		if err != nil {
			return nil, fmt.Errorf("making test keys: %w", err)
		}
		if made {
			fmt.Fprintf(a.Stderr, "tamga: made test keys and certificates in %s\n", show(dir))
		}
	}
	settings, err := a.settings()
	if err != nil {
		return nil, err
	}
	if settings.Test() != dev {
		if dev {
			return nil, usage("this data folder is not for testing", "leave out --dev, or name another folder with --data")
		}
		return nil, usage("this data folder holds test keys only", "say that you know with --dev")
	}
	return settings, nil
}

func (a *app) api(settings *config.Settings, house *config.House) (*httpapi.API, error) {
	token, err := settings.Token()
	if err != nil {
		return nil, err
	}
	verifier, err := house.Verifier(tool())
	if err != nil {
		return nil, err
	}
	limits := settings.Server()
	return &httpapi.API{
		Signer: house.Signer, Verifier: verifier, TSA: house.TSA, CRL: house.CRL, Ready: house.Ready,
		Token: token, Limits: httpapi.Limits{File: limits.MaxFile, JSON: limits.MaxJSON},
		Log: a.logger(), Now: a.Now, Tool: version(),
	}, nil
}

// logger writes lines for people on a terminal, JSON elsewhere.
func (a *app) logger() *slog.Logger {
	if terminal(a.Stderr) {
		return slog.New(slog.NewTextHandler(a.Stderr, nil))
	}
	return slog.New(slog.NewJSONHandler(a.Stderr, nil))
}

// greet says where the server is and what to do next. The token itself goes
// to a terminal only: anything else may be a log, which others read.
func (a *app) greet(settings *config.Settings, addr net.Addr, token string) {
	url := "http://" + strings.Replace(addr.String(), "127.0.0.1", "localhost", 1)
	var b strings.Builder
	fmt.Fprintf(&b, "\nTamga is at  %s\n", url)
	if terminal(a.Stderr) {
		fmt.Fprintf(&b, "The token is %s\n", token)
		if code, err := qr.Encode(url, qr.L); err == nil {
			b.WriteString("\n" + halfBlocks(code))
		}
	}
	fmt.Fprintf(&b, "The token is in %s\n", show(filepath.Clean(settings.TokenPath())))
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		b.WriteString("Anyone on the network can reach this address, and nothing on the way is encrypted.\n")
	}
	fmt.Fprintf(&b, `
Next, in another terminal:
  tamga sign contract.pdf
  tamga verify contract.signed.pdf
  curl -F file=@contract.signed.pdf %s/v1/verify

Everything made with these keys is for testing. Stop with Ctrl-C.

`, url)
	fmt.Fprint(a.Stderr, b.String())
}

// halfBlocks draws a code two rows a line, dark on light whatever the colours
// of the terminal, with the quiet zone of four modules that scanners want.
func halfBlocks(code *qr.Code) string {
	const quiet = 4
	light := func(x, y int) bool { return !code.Black(x, y) } // outside is light
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		for x := -quiet; x < code.Size+quiet; x++ {
			switch upper, lower := light(x, y), light(x, y+1) || y+1 >= code.Size+quiet; {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteRune(' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// serveUntil serves until ctx is done, then lets requests in flight finish.
func serveUntil(ctx context.Context, server *http.Server, l net.Listener, log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		log.Error("requests were cut off", "error", err.Error())
		return errors.Join(&failure{code: ExitFailed, err: fmt.Errorf("stopping: %w", err)}, server.Close())
	}
	log.Info("stopped")
	return nil
}

// renew looks after the revocation lists until ctx is done.
func renew(ctx context.Context, house *config.House, log *slog.Logger) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := house.RenewLists(ctx); err != nil {
				log.Error("renewing revocation lists", "error", err.Error())
			}
		}
	}
}
