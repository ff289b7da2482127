package verifier

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"time"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/path"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// Memo remembers, between documents, what their evidence has in common: what
// certificates say, which signatures on them are good, the paths they make, and
// what lists and responses say of them. An auditor's ten thousand documents of
// one issuer then cost ten thousand signatures, and not forty thousand.
//
// Everything in it is keyed by the bytes that the answer depends on, or by a
// certificate that was read from them, and where it matters by the policy;
// nothing of it depends on the time or on whom one trusts. It is bounded, and
// safe for concurrent use.
type Memo struct {
	pki        *pki.Memo
	paths      pki.Generations[pathKey, onePath]
	statements pki.Generations[statementKey, statement]
	lists      pki.Generations[statementKey, *crl.List]
	signed     pki.Generations[signedList, struct{}]
	covers     pki.Generations[coverKey, bool]
	described  pki.Generations[*crl.List, described]
	answers    pki.Generations[answerKey, []crl.Answer]
	shown      pki.Generations[*x509.Certificate, report.Certificate]
	names      pki.Generations[string, string]
}

// NewMemo returns a Memo of at least limit and at most twice limit answers of
// each kind: some 10 KB for each.
func NewMemo(limit int) *Memo {
	return &Memo{
		pki:        pki.NewMemo(limit),
		paths:      pki.Generations[pathKey, onePath]{Limit: limit},
		statements: pki.Generations[statementKey, statement]{Limit: limit},
		lists:      pki.Generations[statementKey, *crl.List]{Limit: max(1, limit/8)},
		signed:     pki.Generations[signedList, struct{}]{Limit: limit},
		covers:     pki.Generations[coverKey, bool]{Limit: limit},
		described:  pki.Generations[*crl.List, described]{Limit: limit},
		answers:    pki.Generations[answerKey, []crl.Answer]{Limit: limit},
		shown:      pki.Generations[*x509.Certificate, report.Certificate]{Limit: limit},
		names:      pki.Generations[string, string]{Limit: limit},
	}
}

// pathKey is what a path was looked for among. The pointers keep the
// certificates, so that no other can ever have their place.
type pathKey struct {
	leaf *x509.Certificate
	pool [8]*x509.Certificate
	// What the rule asks of the path, in so far as another rule of the same
	// policy could ask something else.
	policy   *policy.Policy
	use      pki.Use
	accept   string
	relaxing [4]bool
}

// onePath is the one path that there is among these certificates. Where there
// are several, which is best may depend on the time and on the anchors.
type onePath struct {
	path        path.Path
	from, until time.Time // within which all its certificates are valid
}

func (t *trial) newPathKey(pool []*x509.Certificate) (key pathKey, ok bool) {
	key.leaf, key.policy, key.use = t.signer, t.v.Policy, t.rule.Use
	p := t.rule.Policies
	key.accept, key.relaxing = strings.Join(p.Accept, " "), [4]bool{p.AcceptAny, p.NotExplicit, p.AnyPolicy, p.Mapping}
	return key, copy(key.pool[:], pool) == len(pool)
}

// pathFor returns the path if it is good at a time, for one of the anchors.
func (m *Memo) pathFor(key pathKey, anchors []pki.Anchor, at time.Time) (path.Path, bool) {
	known, ok := m.paths.Get(key)
	if !ok || at.Before(known.from) || at.After(known.until) {
		return path.Path{}, false
	}
	top := known.path.Chain[len(known.path.Chain)-1]
	for _, a := range anchors {
		if a.Certificate == top {
			known.path.Anchor = a
			return known.path, true
		}
	}
	return path.Path{}, false
}

func (m *Memo) rememberPath(key pathKey, p path.Path) {
	one := onePath{path: p, from: p.Chain[0].NotBefore, until: p.Chain[0].NotAfter}
	for _, c := range p.Chain[1:] {
		if c.NotBefore.After(one.from) {
			one.from = c.NotBefore
		}
		if c.NotAfter.Before(one.until) {
			one.until = c.NotAfter
		}
	}
	m.paths.Put(key, one)
}

// statementKey is a piece of revocation information, by its digest or, where it
// is not a document's, by its place in memory; and whom it was asked about.
type statementKey struct {
	sum          [sha256.Size]byte
	first        *byte
	size         int
	cert, issuer *x509.Certificate
}

func newStatementKey(p piece, c, issuer *x509.Certificate) statementKey {
	key := statementKey{cert: c, issuer: issuer, size: len(p.Raw)}
	if p.ours && len(p.Raw) > 0 {
		key.first = &p.Raw[0]
	} else {
		key.sum = sha256.Sum256(p.Raw)
	}
	return key
}

// certificate is what a report says of c.
func (m *Memo) certificate(c *x509.Certificate) report.Certificate {
	if known, ok := m.shown.Get(c); ok {
		return known
	}
	shown := m.describeCertificate(c)
	m.shown.Put(c, shown)
	return shown
}

// subject is the name on c, for experts.
// name is the text of a name, each of which is asked for as subject, as issuer
// of certificates and as issuer of lists. Nil has not been read yet; what is no
// name has no text.
func (m *Memo) name(raw []byte, name *pkix.Name) string {
	if known, ok := m.names.Get(string(raw)); ok {
		return known
	}
	if name == nil {
		var list pkix.RDNSequence
		if _, err := asn1.Unmarshal(raw, &list); err != nil {
			return ""
		}
		name = new(pkix.Name)
		name.FillFromRDNSequence(&list)
	}
	text := name.String()
	m.names.Put(string(raw), text)
	return text
}

func (t *trial) subject(c *x509.Certificate) string { return t.shared.memo.certificate(c).Subject }
