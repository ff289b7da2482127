package cose

import (
	"crypto/x509"
	"fmt"
	"strconv"

	"tamga/formats"
	"tamga/pki"
)

// Labels of header parameters: RFC 9052 §3.1, RFC 9360 §2.
const (
	labelAlg     = int64(1)
	labelCrit    = int64(2)
	labelType    = int64(3) // content type
	labelKeyID   = int64(4)
	labelX5Chain = int64(33)
)

// maxCertificates of one chain; longer ones cost time and prove nothing.
const maxCertificates = 16

// algorithm reads alg from the protected header. Outside of it anybody could
// have chosen it, so there it does not count.
func (m *Sign1) algorithm(protected, unprotected Map) {
	raw, ok := protected[labelAlg]
	if !ok {
		text := "no alg"
		if _, loose := unprotected[labelAlg]; loose {
			text = "alg stands in the unprotected header, where it is not signed"
		}
		m.fatal("RFC 9052 3.1", "%s", text)
		return
	}
	if name, err := Text(raw); err == nil {
		m.AlgorithmName = strconv.Quote(name)
	} else if n, err := Int(raw); err == nil {
		m.Algorithm, m.AlgorithmName = pki.AlgorithmByCOSE(n), strconv.FormatInt(n, 10)
	} else {
		m.fatal("RFC 9052 3.1", "alg is neither a number nor a name")
		return
	}
	if !m.Algorithm.Known() {
		m.fatal("RFC 9053 2", "signature algorithm %s is not supported", m.AlgorithmName)
	}
}

// critical refuses what the sender says must be understood and we do not.
func (m *Sign1) critical(protected, unprotected Map) {
	raw, ok := protected[labelCrit]
	if !ok {
		if _, ok = unprotected[labelCrit]; ok {
			m.fatal("RFC 9052 3.1", "crit stands in the unprotected header")
		}
		return
	}
	list, err := Array(raw)
	if err != nil || len(list) == 0 {
		m.fatal("RFC 9052 3.1", "crit is no list of labels")
		return
	}
	for _, item := range list {
		var label any
		if n, err := Int(item); err == nil {
			label = n
		} else if s, err := Text(item); err == nil {
			label = s
		}
		switch label {
		case labelAlg, labelType, labelKeyID, labelX5Chain:
			if _, there := protected[label]; there {
				continue
			}
			m.fatal("RFC 9052 3.1", "crit names label %v, which is not in the protected header", label)
		default:
			m.fatal("RFC 9052 3.1", "crit names label %.64q, which is not supported", fmt.Sprint(label))
		}
		return
	}
}

// chain reads
//
//	COSE_X509 = bstr / [2*certs: bstr]       RFC 9360 §2, leaf first
//
// A leaf that cannot be read is fatal; another one is only missing evidence.
func (m *Sign1) chain(raw Raw) error {
	list := []Raw{raw}
	if major, _ := MajorOf(raw); major == MajorArray {
		var err error
		if list, err = Array(raw); err != nil {
			return fmt.Errorf("reading x5chain: %w", err)
		}
		if len(list) == 1 {
			m.note("RFC 9360 2", "x5chain is an array of one certificate")
		}
	}
	if len(list) > maxCertificates {
		return fmt.Errorf("reading x5chain: %w: %d certificates", formats.ErrTooLarge, len(list))
	}
	if len(list) == 0 {
		m.fatal("RFC 9360 2", "x5chain is empty")
	}
	for i, item := range list {
		der, err := Bytes(item)
		if err != nil {
			return fmt.Errorf("reading certificate %d of x5chain: %w", i+1, err)
		}
		c, err := x509.ParseCertificate(der)
		switch {
		case err == nil:
			m.Certificates = append(m.Certificates, c)
		case i == 0:
			m.fatal("RFC 9360 2", "the signer's certificate cannot be read: %v", err)
			return nil
		default:
			m.note("RFC 9360 2", "certificate %d of x5chain cannot be read: %v", i+1, err)
		}
	}
	return nil
}
