package httpapi

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"tamga/signer"
	"tamga/verifier"
)

// Stamper answers RFC 3161 requests, DER in and DER out.
type Stamper interface {
	Respond(ctx context.Context, request []byte) (response []byte, err error)
}

// API is what HTTP offers. The ports must be safe for concurrent use.
type API struct {
	Signer   *signer.Service
	Verifier *verifier.Verifier
	TSA      Stamper
	// CRL returns the current list of the authority with this name, nil if
	// there is none.
	CRL func(name string) []byte
	// Ready returns each reason why the server cannot do its work now.
	Ready  func(ctx context.Context) []string
	Token  string // bearer token; "" refuses everybody
	Limits Limits
	Log    *slog.Logger
	Now    func() time.Time
	Tool   string // version, for the OpenAPI document
}

// Limits bound what a client can ask for. Zero values mean the defaults.
type Limits struct {
	File     int64  // bytes of one upload; 1 GiB
	JSON     int64  // bytes of one JSON body; 1 MiB
	Requests int    // answered at once; 64
	Work     int    // signing, issuing or judging at once; 2 for each processor
	SpoolDir string // for uploads over 256 KiB; the system's own
}

func (l Limits) orDefaults() Limits {
	if l.File <= 0 {
		l.File = 1 << 30
	}
	if l.JSON <= 0 {
		l.JSON = 1 << 20
	}
	if l.Requests <= 0 {
		l.Requests = 64
	}
	if l.Work <= 0 {
		l.Work = 2 * runtime.GOMAXPROCS(0)
	}
	return l
}

// Deadlines. An upload of a gigabyte over a slow line takes its time, but a
// client that sends nothing for idle does not hold its place.
const (
	headerTime = 10 * time.Second
	idle       = 30 * time.Second
	wholeTime  = time.Hour
)

// Handler returns the API as one handler.
func (a *API) Handler() http.Handler {
	s := &server{API: a, limits: a.Limits.orDefaults()}
	s.requests = make(chan struct{}, s.limits.Requests)
	s.work = make(chan struct{}, s.limits.Work)
	mux := http.NewServeMux()
	routes := s.routes()
	for _, r := range routes {
		mux.Handle(r.method+" "+r.path, s.handle(r))
	}
	mux.Handle("GET /openapi.json", s.handle(s.openAPIRoute(routes)))
	return s.outer(mux)
}

// Server returns a server for the API with every deadline set; it does not
// listen yet.
func (a *API) Server(addr string) *http.Server {
	return &http.Server{
		Addr: addr, Handler: a.Handler(),
		ReadHeaderTimeout: headerTime, ReadTimeout: wholeTime, WriteTimeout: wholeTime,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		// net/http would log the address of whoever broke off.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// server is an API at work.
type server struct {
	*API
	limits   Limits
	requests chan struct{} // one for each request that is being answered
	work     chan struct{} // one for each that keeps a processor busy
}
