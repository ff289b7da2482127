package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// route is one operation: how it is reached, who may, what it does, and how
// the OpenAPI document tells of it.
type route struct {
	method string
	path   string
	token  bool // needs the bearer token
	// serve answers, or returns an error before it has written anything.
	serve func(http.ResponseWriter, *http.Request) error
	doc   func(huma.Registry) *huma.Operation
}

// routes is the one list of operations.
func (s *server) routes() []route {
	return []route{
		{"POST", "/v1/sign", true, s.sign, docSign},
		{"POST", "/v1/extend", true, s.extend, docExtend},
		{"POST", "/v1/issue/{type}", true, s.issue, docIssue},
		{"POST", "/v1/verify", false, s.verify, docVerify},
		{"POST", "/tsa", false, s.timestamp, docTimestamp},
		{"GET", "/v1/schemas/report", false, s.reportSchema, docReportSchema},
		{"GET", "/crl/{name}", false, s.crl, docCRL},
		{"GET", "/healthz", false, s.health, docHealth},
		{"GET", "/readyz", false, s.ready, docReady},
	}
}
