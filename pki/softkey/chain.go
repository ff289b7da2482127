package softkey

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
)

const (
	maxChainSize = 1 << 20
	maxChain     = 16
)

// LoadChain reads the certificates of a PEM file, leaf first, each followed by
// the one whose name issued it. Nothing else may be in the file. Signatures are
// not checked: a chain is what is sent along, and proves itself to others.
func LoadChain(path string) ([]*x509.Certificate, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("loading certificates: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxChainSize+1))
	if err != nil {
		return nil, fmt.Errorf("loading certificates from %s: %w", path, err)
	}
	chain, err := ParseChain(data)
	if err != nil {
		return nil, fmt.Errorf("loading certificates from %s: %w", path, err)
	}
	return chain, nil
}

// ParseChain is [LoadChain] for what has been read already.
func ParseChain(data []byte) ([]*x509.Certificate, error) {
	if len(data) > maxChainSize {
		return nil, malformed(fmt.Sprintf("more than %d bytes", maxChainSize))
	}
	var chain []*x509.Certificate
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		if data = rest; block.Type != "CERTIFICATE" {
			return nil, malformed(fmt.Sprintf("a %q block among the certificates", block.Type))
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w: %w", len(chain)+1, ErrMalformed, err)
		}
		if n := len(chain); n > 0 && !bytes.Equal(chain[n-1].RawIssuer, cert.RawSubject) {
			return nil, malformed(fmt.Sprintf("certificate %d (%s) did not issue the one before it; "+
				"the leaf comes first, then its issuer", n+1, cert.Subject))
		}
		if chain = append(chain, cert); len(chain) > maxChain {
			return nil, malformed(fmt.Sprintf("more than %d certificates", maxChain))
		}
	}
	if len(chain) == 0 {
		return nil, malformed("no certificate in PEM")
	}
	if len(bytes.TrimSpace(data)) != 0 {
		return nil, malformed("text after the last certificate")
	}
	return chain, nil
}
