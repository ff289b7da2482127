package fetch

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/url"
	"strings"
	"time"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/crl"
	"tamga/pki/ocsp"
)

// Limits on what is asked for.
const (
	maxURLs        = 4         // of one kind in one certificate
	maxCertificate = 256 << 10 // bytes of an answer with certificates
	maxBundle      = 32        // certificates in it
	maxGet         = 255       // bytes of a URL with a request in it (RFC 5019 §5)
)

// Revocation asks the responder that cert names, and for the lists that it names
// if no responder gives an answer about it that the issuer stands behind.
func (s *Session) Revocation(ctx context.Context, cert, issuer *x509.Certificate) ([]pki.Revocation, error) {
	var out []pki.Revocation
	for _, address := range first(cert.OCSPServer) {
		raw, err := s.ocsp(ctx, address, cert, issuer)
		if err != nil {
			return nil, err
		}
		if raw == nil {
			continue
		}
		out = append(out, pki.Revocation{Kind: pki.OCSP, Raw: raw, Source: "fetched from " + cut(address)})
		if stands(raw, cert, issuer) {
			return out, nil
		}
	}
	for _, address := range first(cert.CRLDistributionPoints) {
		raw, err := s.get(ctx, query{kind: "crl", url: address, limit: crl.MaxSize, accept: acceptList})
		if err != nil {
			return nil, err
		}
		if raw != nil {
			out = append(out, pki.Revocation{Kind: pki.CRL, Raw: raw, Source: "fetched from " + cut(address)})
		}
	}
	return out, nil
}

// first are the URLs worth a try. Those of other schemes (LDAP) are no fault of
// anybody, and left out in silence.
func first(addresses []string) []string {
	var out []string
	for _, a := range addresses {
		scheme, _, _ := strings.Cut(strings.ToLower(a), ":")
		if (scheme == "http" || scheme == "https") && len(out) < maxURLs {
			out = append(out, a)
		}
	}
	return out
}

// acceptList takes a CRL, DER as RFC 2585 §3 has it or PEM as some publish it,
// whatever the Content-Type says.
func acceptList(body []byte) ([]byte, time.Time, error) {
	der := unarmour(body, "X509 CRL")
	list, err := crl.Parse(der)
	if err != nil {
		return nil, time.Time{}, errors.Join(errors.New("not a revocation list"), err)
	}
	return der, list.NextUpdate, nil
}

func unarmour(body []byte, kind string) []byte {
	if block, _ := pem.Decode(body); block != nil && block.Type == kind {
		return block.Bytes
	}
	return body
}

// ocsp asks a responder, by GET where that is short, because caches between
// understand it (RFC 6960 A.1, RFC 5019 §5), else or if that fails by POST. The
// request has no nonce: the answer's own times bound its age, and what has no
// nonce can be kept.
func (s *Session) ocsp(ctx context.Context, address string, cert, issuer *x509.Certificate) ([]byte, error) {
	request, err := ocsp.NewRequest(cert, issuer, pki.SHA1, nil)
	if err != nil {
		return nil, nil // a certificate of another issuer has no answer
	}
	accept := func(body []byte) ([]byte, time.Time, error) { return acceptAnswer(body, cert, issuer) }
	q := query{kind: "ocsp", url: address, body: request, limit: ocsp.MaxSize, accept: accept}
	get := q
	get.url = strings.TrimSuffix(address, "/") + "/" + url.PathEscape(base64.StdEncoding.EncodeToString(request))
	if get.body = nil; len(get.url) <= maxGet && !strings.ContainsAny(address, "?#") {
		if raw, err := s.get(ctx, get); raw != nil || err != nil {
			return raw, err
		}
	}
	return s.get(ctx, q)
}

// acceptAnswer takes a response that speaks of cert. Who signed it is for the
// verifier to judge.
func acceptAnswer(body []byte, cert, issuer *x509.Certificate) ([]byte, time.Time, error) {
	r, err := ocsp.Parse(body)
	if err != nil {
		return nil, time.Time{}, err
	}
	answer, err := r.Answer(cert, issuer)
	if err != nil {
		return nil, time.Time{}, err
	}
	return body, answer.NextUpdate, nil
}

// stands reports whether the issuer, or whom it has delegated, has signed the
// response. What another has signed is kept, because the verifier may trust that
// responder by its own decision; but whoever can answer in the responder's place
// must not keep us from the lists.
func stands(raw []byte, cert, issuer *x509.Certificate) bool {
	r, err := ocsp.Parse(raw)
	if err != nil {
		return false
	}
	_, err = r.Judge(ocsp.Question{Certificate: cert, Issuer: issuer, Verify: pki.Verify})
	return err == nil
}

// Issuers fetches the certificates that cert says its issuer has (RFC 5280
// §4.2.2.1): one in DER or PEM, or a bundle of them (RFC 5652 certs-only).
func (s *Session) Issuers(ctx context.Context, cert *x509.Certificate) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for _, address := range first(cert.IssuingCertificateURL) {
		q := query{kind: "certificate", url: address, limit: maxCertificate, accept: acceptCertificates}
		raw, err := s.get(ctx, q)
		if err != nil {
			return nil, err
		}
		list, err := readCertificates(raw)
		if err != nil {
			continue // nothing came, and that is on record
		}
		for _, c := range list {
			if bytes.Equal(c.RawSubject, cert.RawIssuer) || pki.SameName(c.RawSubject, cert.RawIssuer) {
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// certificateLife is for how long fetched certificates are kept.
const certificateLife = 24 * time.Hour

func acceptCertificates(body []byte) ([]byte, time.Time, error) {
	_, err := readCertificates(body)
	return body, forLong, err
}

// forLong stands for an end that the cache sets by itself.
var forLong = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func readCertificates(body []byte) ([]*x509.Certificate, error) {
	if c, err := x509.ParseCertificate(unarmour(body, "CERTIFICATE")); err == nil {
		return []*x509.Certificate{c}, nil
	}
	for _, kind := range []string{"PKCS7", "CMS"} {
		body = unarmour(body, kind)
	}
	bundle, err := cms.Parse(body)
	if err != nil || len(bundle.Certificates) == 0 {
		return nil, errors.New("not a certificate, and not a bundle of them")
	}
	return bundle.Certificates[:min(len(bundle.Certificates), maxBundle)], nil
}
