package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Config is what a fetcher may do.
type Config struct {
	// Hosts are those that may be asked, as [CheckHost] has them. None: nobody.
	Hosts []string
	// Cache is the folder of what was fetched before; "": none.
	Cache string
	Now   func() time.Time
	// Limits that are zero are the defaults.
	Limits Limits
	// AllowPrivate lets addresses be asked that are not on the public network:
	// for tests, and for houses with an authority of their own.
	AllowPrivate bool
	// Resolver looks up names; nil: the system's.
	Resolver *net.Resolver
}

// Limits bound what a document can make us do.
type Limits struct {
	Requests int           // for one document, redirects counted; 20
	Request  time.Duration // for one request with its redirects; 10 s
	Document time.Duration // for all requests of one document; 60 s
	Bytes    int64         // of all answers for one document; 256 MiB
}

func (l Limits) orDefaults() Limits {
	if l.Requests <= 0 {
		l.Requests = 20
	}
	if l.Request <= 0 {
		l.Request = 10 * time.Second
	}
	if l.Document <= 0 {
		l.Document = time.Minute
	}
	if l.Bytes <= 0 {
		l.Bytes = 256 << 20
	}
	return l
}

const (
	maxRedirects = 3
	maxHeader    = 64 << 10
)

// Fetcher asks the network. It is safe for concurrent use.
type Fetcher struct {
	cfg    Config
	client *http.Client
	cache  *cache
}

// New makes a fetcher. It asks nobody before a session does.
func New(cfg Config) (*Fetcher, error) {
	for _, host := range cfg.Hosts {
		if err := CheckHost(host); err != nil {
			return nil, fmt.Errorf("setting up the fetcher: %w", err)
		}
	}
	if cfg.Now == nil {
		return nil, errors.New("setting up the fetcher: no clock")
	}
	cfg.Hosts, cfg.Limits = slices.Clone(cfg.Hosts), cfg.Limits.orDefaults()
	f := &Fetcher{cfg: cfg}
	dialer := &net.Dialer{Timeout: cfg.Limits.Request, Resolver: cfg.Resolver, Control: dialControl}
	if cfg.AllowPrivate {
		dialer.Control = nil
	}
	// No proxy, whatever the environment says: it would make the connections, so
	// that their addresses could not be looked at.
	transport := &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: cfg.Limits.Request,
		ResponseHeaderTimeout: cfg.Limits.Request, MaxResponseHeaderBytes: maxHeader,
		// What unpacks by itself can unpack a bomb; these files are not packed.
		DisableCompression: true, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
	}
	f.client = &http.Client{Transport: transport, CheckRedirect: f.redirect}
	if cfg.Cache != "" {
		f.cache = &cache{dir: cfg.Cache, now: cfg.Now}
	}
	return f, nil
}

// Close lets go of connections that are kept open.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// redirect follows only to where one may go anyway, not from https to http, and
// within the requests of the document.
func (f *Fetcher) redirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if via[len(via)-1].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return errors.New("redirected from https to http")
	}
	next.Header.Del("Referer")
	if err := f.refused(next.URL); err != nil {
		return fmt.Errorf("redirected to %s: %w", shown(next.URL), err)
	}
	if s, ok := next.Context().Value(sessionKey{}).(*Session); ok {
		return s.spend()
	}
	return nil
}

// shown is a URL fit for a report and a terminal: without password, and with
// everything that could draw on it escaped.
func shown(u *url.URL) string {
	plain := *u
	plain.User = nil
	text := plain.String()
	if len(text) > maxShown {
		text = text[:maxShown] + "…"
	}
	return text
}

const maxShown = 500
