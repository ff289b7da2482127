package sdjwt

import (
	"math"
	"strconv"
	"strings"
	"time"

	"tamga/formats"
	"tamga/formats/internal/jose"
)

// Values of typ (SD-JWT VC draft §3.2.1, RFC 9901 §9.11).
const (
	typeVC     = "dc+sd-jwt"
	typeOldVC  = "vc+sd-jwt"
	typeSuffix = "+sd-jwt"
)

// maxTime is the last second of the year 9999, after which dates have no
// common form.
const maxTime = 253402300799

// credential reads the claims that every SD-JWT VC has or may have (SD-JWT VC
// draft §3.2.2.2).
func (r *reading) credential() *formats.Credential {
	c := &formats.Credential{
		Type: r.text("vct"), Issuer: r.text("iss"),
		ValidFrom: r.time("nbf", time.Second-1), ValidUntil: r.time("exp", 0), Signed: r.time("iat", 0),
		Presented: r.binding != nil, Elements: elements(r.claims),
	}
	c.HolderKey = r.claims.Get("cnf") != nil
	r.status(c)
	return c
}

func (r *reading) text(name string) string {
	at := r.claims.Get(name)
	if at == nil {
		return ""
	}
	s, ok := at.AsString()
	if !ok || s == "" {
		r.fatal("SD-JWT VC 3.2.2.2", "claim %s is no text", name)
	}
	return s
}

// time reads a NumericDate (RFC 7519 §2). A fraction of a second is rounded
// towards the shorter validity.
func (r *reading) time(name string, up time.Duration) time.Time {
	at := r.claims.Get(name)
	if at == nil {
		return time.Time{}
	}
	seconds, err := strconv.ParseFloat(at.Text, 64)
	if at.Kind != '0' || err != nil || seconds < 0 || seconds > maxTime {
		r.fatal("RFC 7519 4.1", "claim %s is no date", name)
		return time.Time{}
	}
	whole := math.Floor(seconds)
	if whole < seconds && up > 0 {
		whole++
	}
	return time.Unix(int64(whole), 0).UTC()
}

// status reads where the issuer says whether it has revoked the document
// (Token Status List draft §6.2):
//
//	{"status_list": {"idx": 0, "uri": "https://…"}}
//
// A status of any other kind is told as one that was not asked, never as none:
// else a document would be beyond revocation by naming a list that we do not
// know.
func (r *reading) status(c *formats.Credential) {
	at := r.claims.Get("status")
	if at == nil {
		return
	}
	list := at.Get("status_list")
	if list == nil {
		r.note("SD-JWT VC 3.2.2.2", "the status is of a kind that is not supported")
		c.StatusURI = "status of an unknown kind"
		return
	}
	uri, _ := list.Get("uri").AsString()
	idx := list.Get("idx")
	if uri == "" || idx == nil || idx.Kind != '0' {
		r.fatal("Token Status List 6.2", "status_list has no uri or no idx")
		c.StatusURI = "status that cannot be read"
		return
	}
	n, err := strconv.ParseInt(idx.Text, 10, 64)
	if err != nil || n < 0 {
		r.fatal("Token Status List 6.2", "idx of status_list is no index")
	}
	c.StatusURI, c.StatusIdx = uri, n
}

// kind tells what an SD-JWT is by its typ (RFC 8725 §3.11), and whether it is a
// credential. Whatever else the issuer's key has signed, a status list, an
// access token, must not pass for one: all that it takes is a tilde.
func (r *reading) kind(h *jose.Header, vct string) (name string, credential bool, why *formats.Defect) {
	fatal := func(clause, text string) *formats.Defect {
		return &formats.Defect{Clause: clause, Text: text, Fatal: true}
	}
	switch {
	case h.Type == typeVC:
		if vct == "" {
			why = fatal("SD-JWT VC 3.2.2.1", "it names no type (vct)")
		}
		return "SD-JWT VC", true, why
	case h.Type == typeOldVC:
		return "SD-JWT VC (vc+sd-jwt)", false,
			fatal("SD-JWT VC 3.2.1", "typ is vc+sd-jwt, of drafts before November 2024")
	case strings.HasSuffix(h.Type, typeSuffix), h.Type == "" && r.selective():
		return "SD-JWT", false, &formats.Defect{Clause: "SD-JWT VC 3.2.1",
			Text: "typ is not dc+sd-jwt: a signed statement, not a credential; its claims are not told"}
	}
	return "SD-JWT", false, fatal("RFC 9901 9.11", "typ says that this is something else")
}

// selective reports whether the document shows by itself that it is an SD-JWT.
func (r *reading) selective() bool {
	return len(r.disclosures) > 0 || len(r.process.seen) > 0
}
