package path_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki/path"
)

// drawn is a small PKI whose shape was drawn by lot, with a leaf in question.
type drawn struct {
	root, leaf *forged
	pool       []*forged
	selfIssued bool   // a CA of which path lengths do not count
	crossed    bool   // a CA has two certificates
	edits      string // what was drawn, for the report
}

// lot draws PKIs. The same seed draws the same shapes (the keys differ).
type lot struct {
	*rand.Rand
	t     testing.TB
	edits []string
}

func (l *lot) chance(percent int, name string) bool {
	if l.IntN(100) >= percent {
		return false
	}
	l.edits = append(l.edits, name)
	return true
}

func (l *lot) of(list ...string) string {
	s := list[l.IntN(len(list))]
	l.edits = append(l.edits, s)
	return s
}

// draw makes a root, up to four CAs below it, and a leaf; one CA may have a
// second certificate, from the root, or be self-issued by a new key.
func draw(t testing.TB, seed uint64) drawn {
	l := &lot{Rand: rand.New(rand.NewPCG(seed, 7)), t: t}
	var d drawn
	d.root = forge(t, nil, fmt.Sprintf("%d root CA", seed), 0, l.authority(true))
	above := d.root
	for i := range l.IntN(4) {
		name := fmt.Sprintf("%d-%d CA", seed, i)
		if i > 0 && l.chance(8, "self-issued") {
			name = above.Subject.CommonName
			d.selfIssued = true
		}
		signer := above
		if l.chance(3, "signed by another key") {
			signer = &forged{above.Certificate, testKeys()[7]}
		}
		edit := l.authority(false)
		ca := forge(t, signer, name, 1+i, edit)
		if l.chance(3, "issuer renamed") {
			ca = forge(t, &forged{forge(t, nil, "x CA", 0, nil).Certificate, above.key}, name, 1+i, edit)
		}
		d.pool = append(d.pool, ca)
		if l.chance(6, "cross-certificate") {
			d.pool = append(d.pool, forge(t, d.root, name, 1+i, l.authority(false)))
			d.crossed = true
		}
		above = ca
	}
	leaf, err := tryForge(above, 6, l.leaf(fmt.Sprintf("%d leaf", seed)))
	require.NoError(t, err)
	d.leaf = leaf
	d.edits = strings.Join(l.edits, ", ")
	return d
}

// authority draws what is odd in a CA: mostly nothing.
func (l *lot) authority(root bool) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		if root && l.IntN(3) > 0 {
			return
		}
		switch {
		case l.chance(2, "no CA"):
			c.IsCA = false
		case l.chance(2, "no basic constraints"):
			c.BasicConstraintsValid, c.IsCA = root, root
		case l.chance(12, "path length 0"):
			c.MaxPathLenZero = true
		case l.chance(12, "path length 1"):
			c.MaxPathLen = 1
		}
		if l.chance(2, "no certificate signing") {
			c.KeyUsage = x509.KeyUsageCRLSign
		}
		if l.chance(8, "purposes of CA") {
			c.ExtKeyUsage = l.usages()
		}
		if l.chance(2, "critical") {
			extension("1.2.3.4.5", true, []byte{5, 0})(c)
		}
		l.period(c)
		l.constraints(c)
		l.policies(c, !root)
	}
}

func (l *lot) period(c *x509.Certificate) {
	switch {
	case l.chance(2, "expired"):
		c.NotAfter = now.AddDate(0, 0, -1)
	case l.chance(2, "future"):
		c.NotBefore = now.AddDate(0, 0, 1)
	}
}

func (l *lot) usages() []x509.ExtKeyUsage {
	var out []x509.ExtKeyUsage
	for range 1 + l.IntN(2) {
		out = append(out, []x509.ExtKeyUsage{x509.ExtKeyUsageAny, x509.ExtKeyUsageClientAuth,
			x509.ExtKeyUsageTimeStamping}[l.IntN(3)])
	}
	return slices.Compact(out)
}

// name draws a name or, for a constraint, the base of a subtree.
func (l *lot) name(base bool) []byte {
	dot := ""
	if base && l.IntN(4) == 0 {
		dot = "."
	}
	switch l.IntN(4) {
	case 0:
		return dns(dot + l.of("example.com", "a.example.com", "B.A.EXAMPLE.com", "example.org", "xample.com"))
	case 1:
		host := l.of("example.com", "a.example.com", "example.org")
		if base && l.IntN(2) == 0 {
			return email(dot + host)
		}
		return email(l.of("ann@", "Bob@") + host)
	case 2:
		if base {
			return uri(dot + l.of("example.com", "a.example.com", "example.org"))
		}
		host := l.of("example.com", "a.example.com:80", "b.a.example.com", "example.org")
		return uri(l.of("https://", "http://ann@") + host + "/x")
	}
	ends := []byte{1, 2, 129}
	if base {
		return ip(10, ends[l.IntN(3)], 0, 0, 255, []byte{0, 128, 255}[l.IntN(3)], 0, 0)
	}
	return ip(10, ends[l.IntN(3)], 3, 4)
}

func (l *lot) constraints(c *x509.Certificate) {
	if !l.chance(18, "constraints:") {
		return
	}
	var permitted, excluded [][]byte
	for range 1 + l.IntN(3) {
		if base := tlv(0x30, l.name(true)); l.chance(55, "permitted;") {
			permitted = append(permitted, base)
		} else {
			excluded = append(excluded, base)
		}
	}
	var lists [][]byte
	if permitted != nil {
		lists = append(lists, tlv(0xa0, permitted...))
	}
	if excluded != nil {
		lists = append(lists, tlv(0xa1, excluded...))
	}
	extension("2.5.29.30", true, tlv(0x30, lists...))(c)
}

func (l *lot) policies(c *x509.Certificate, mayMap bool) {
	if l.chance(70, "policies:") {
		list := []string{p1, p2, p3, path.AnyPolicy}
		l.Shuffle(4, func(i, j int) { list[i], list[j] = list[j], list[i] })
		list = list[:1+l.IntN(3)]
		l.edits = append(l.edits, list...)
		policies(list...)(c)
	}
	if mayMap && l.chance(12, "mapping") {
		mapped(l.of(p1, p2), l.of(p2, p3), l.of(p1, p3), l.of(p1, p2))(c)
	}
	if l.chance(12, "policy constraints") {
		n := byte(l.IntN(3))
		extension("2.5.29.36", true, tlv(0x30, tlv(0x80, []byte{n})))(c)
	} else if l.chance(5, "inhibit mapping") {
		extension("2.5.29.36", true, tlv(0x30, tlv(0x81, []byte{byte(l.IntN(2))})))(c)
	}
	if l.chance(6, "inhibit any policy") {
		extension("2.5.29.54", true, tlv(0x02, []byte{byte(l.IntN(2))}))(c)
	}
}

func (l *lot) leaf(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: name}
		c.KeyUsage = x509.KeyUsageDigitalSignature
		if l.chance(70, "names:") {
			var names [][]byte
			for range 1 + l.IntN(2) {
				names = append(names, l.name(false))
			}
			altNames(names...)(c)
		}
		if l.chance(50, "purposes") {
			c.ExtKeyUsage = l.usages()
		}
		if l.chance(1, "critical") {
			extension("1.2.3.4.5", true, []byte{5, 0})(c)
		}
		l.period(c)
		l.policies(c, false)
	}
}

// ours is the verdict of this package with what Go and OpenSSL always do: the
// anchor's constraints and dates count.
func (d drawn) ours(edit func(*path.Params)) error {
	p := params()
	p.AnchorConstraints, p.AnchorValidity = true, true
	edit(&p)
	found, err := path.Find(d.leaf.Certificate, path.Source{Anchors: anchors(d.root), Pool: chainOf(d.pool...)}, p)
	if err != nil {
		return err
	}
	if found[0].Err != nil {
		return found[0].Err
	}
	return nil
}

// excludesHost: RFC 5280 §4.2.1.10 has an e-mail or URI constraint without a dot
// before it mean that host alone, where Go takes those below it, too. Who
// excludes the host has not excluded what is below.
func (d drawn) excludesHost() bool {
	for _, c := range append(d.pool, d.root) {
		for _, h := range append(slices.Clone(c.ExcludedEmailAddresses), c.ExcludedURIDomains...) {
			if !strings.HasPrefix(h, ".") && !strings.Contains(h, "@") {
				return true
			}
		}
	}
	return false
}

// explained are the rules by which we may accept what Go refuses.
func (d drawn) explained(goErr error) bool {
	var unhandled x509.UnhandledCriticalExtension
	if errors.As(goErr, &unhandled) {
		// crypto/x509 knows four forms of name constraints; we know all.
		return slices.ContainsFunc(d.pool, func(c *forged) bool {
			return len(c.UnhandledCriticalExtensions) == 1 &&
				c.UnhandledCriticalExtensions[0].String() == "2.5.29.30"
		})
	}
	var invalid x509.CertificateInvalidError
	if !errors.As(goErr, &invalid) {
		return false
	}
	switch invalid.Reason {
	case x509.TooManyIntermediates:
		// RFC 5280 §4.2.1.9: self-issued certificates do not count.
		return d.selfIssued
	case x509.CANotAuthorizedForThisName:
		// A name that is none is refused here only where its form is
		// constrained (TestNameConstraintsBypass), by Go under any constraint.
		return d.excludesHost() || strings.Contains(invalid.Detail, "cannot parse") ||
			strings.Contains(invalid.Detail, "cannot be matched against constraints")
	}
	return false
}

// TestDifferentialGo draws thousands of PKIs and asks crypto/x509 of each.
func TestDifferentialGo(t *testing.T) {
	accepted, refused, stricter, excused := 0, map[path.Kind]int{}, 0, 0
	for seed := range uint64(3000) {
		d := draw(t, seed)
		purposes := seed%2 == 0
		ours := d.ours(func(p *path.Params) {
			if purposes {
				p.Purposes = []string{"1.3.6.1.5.5.7.3.2", path.AnyPurpose}
				p.NestedPurposes, p.PurposeOptional = true, true
			}
			if seed%3 == 0 {
				p.Policies = []string{p1}
			}
		})
		goErr := d.asksGo(t, purposes, seed%3 == 0)
		var e *path.Error
		switch {
		case ours == nil && goErr == nil:
			accepted++
		case ours == nil && d.explained(goErr):
			excused++
		case ours == nil:
			t.Errorf("seed %d: we accept, crypto/x509 says %v; drawn: %s", seed, goErr, d.edits)
		case errors.As(ours, &e):
			refused[e.Kind]++
			if goErr == nil {
				stricter++
			}
		}
	}
	t.Log("accepted by both", accepted, "excused", excused, "refused", refused, "of which Go accepts", stricter)
	// The lot must have drawn enough of everything to mean something.
	require.Greater(t, accepted, 1000)
	require.Less(t, excused, 50)
	require.Less(t, stricter, 200)
	for _, kind := range []path.Kind{path.NoPath, path.Signature, path.Expired, path.NotYetValid, path.BasicConstraints,
		path.PathLength, path.KeyUsage, path.Purpose, path.NameConstraints, path.Policy, path.CriticalExtension} {
		require.Positive(t, refused[kind], kind)
	}
}

func (d drawn) asksGo(t *testing.T, purposes, policy bool) error {
	o := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if purposes {
		o.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	if policy {
		id, err := x509.ParseOID(p1)
		require.NoError(t, err)
		o.CertificatePolicies = []x509.OID{id}
	}
	o.Roots.AddCert(d.root.Certificate)
	for _, c := range d.pool {
		o.Intermediates.AddCert(c.Certificate)
	}
	_, err := d.leaf.Verify(o)
	return err
}

// TestDifferentialOpenSSL asks openssl verify of some hundred PKIs in one call:
// no two share a name.
func TestDifferentialOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not on PATH")
	}
	dir := t.TempDir()
	file := func(name string, certs ...*x509.Certificate) string {
		var out bytes.Buffer
		for _, c := range certs {
			require.NoError(t, pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
		}
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))
		return file
	}
	var all []drawn
	var roots, pool []*x509.Certificate
	args := []string{"verify", "-attime", fmt.Sprint(now.Unix()), "-policy_check",
		"-policy", path.AnyPolicy, "-CAfile", "", "-untrusted", ""}
	for seed := range uint64(400) {
		d := draw(t, seed+10_000)
		all = append(all, d)
		roots = append(roots, d.root.Certificate)
		pool = append(pool, chainOf(d.pool...)...)
		args = append(args, file(fmt.Sprintf("%d.pem", seed), d.leaf.Certificate))
	}
	args[7], args[9] = file("roots.pem", roots...), file("pool.pem", pool...)
	cmd := exec.Command(openssl, args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, _ := cmd.Output() // the exit code tells of all together
	agreed, stricter := 0, 0
	for i, d := range all {
		theirs := bytes.Contains(out, []byte(fmt.Sprintf("/%d.pem: OK\n", i)))
		ours := d.ours(func(*path.Params) {})
		switch {
		case ours == nil && !theirs && d.crossed:
			// We try all paths, openssl one.
		case ours == nil && !theirs:
			t.Errorf("seed %d: we accept, openssl says %s; drawn: %s", i+10_000, reason(complaints.Bytes(), i), d.edits)
		case ours == nil:
			agreed++
		case theirs:
			stricter++
		}
	}
	t.Log("accepted by both", agreed, "accepted by openssl alone", stricter)
	require.Greater(t, agreed, 60)
}

// reason finds what openssl said of leaf i: "error N at D depth lookup: …" in
// the lines before "error …/i.pem: verification failed".
func reason(out []byte, i int) string {
	before, _, _ := bytes.Cut(out, []byte(fmt.Sprintf("/%d.pem: verification failed", i)))
	lines := strings.Split(string(before), "\n")
	return lines[max(0, len(lines)-2)]
}
