package softkey

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	// ErrPassphrase says that a passphrase does not open a key.
	ErrPassphrase = errors.New("the passphrase is wrong, or the file is damaged")
	// ErrMalformed says that a file is no key file.
	ErrMalformed = errors.New("malformed")
	// ErrUnsupported says that a key file is of a kind that is not read.
	ErrUnsupported = errors.New("not supported")
	// ErrPlain says that a key is not encrypted, and should be.
	ErrPlain = errors.New("the key is not encrypted")
)

const (
	blockEncrypted = "ENCRYPTED PRIVATE KEY"
	blockPlain     = "PRIVATE KEY"
)

// ParseEncrypted opens an encrypted key in PEM. The error wraps
// [ErrPassphrase], [ErrPlain], [ErrMalformed], [ErrUnsupported], or
// [pki.ErrUnknownAlgorithm] for a key of unknown kind. Passphrase is kept.
func ParseEncrypted(data, passphrase []byte) (crypto.Signer, error) {
	block, err := readBlock(data)
	if err != nil {
		return nil, err
	}
	if block.Type != blockEncrypted {
		return nil, ErrPlain
	}
	return openBlock(block, passphrase)
}

// ParsePlain reads a key in PEM that is not encrypted. The error wraps
// [ErrMalformed], [ErrUnsupported] or [pki.ErrUnknownAlgorithm].
func ParsePlain(data []byte) (crypto.Signer, error) {
	block, err := readBlock(data)
	if err != nil {
		return nil, err
	}
	defer clear(block.Bytes)
	if block.Type != blockPlain {
		return nil, fmt.Errorf("an encrypted key, where a plain one was expected: %w", ErrUnsupported)
	}
	return parseInfo(block.Bytes)
}

// readBlock returns the one block of a PEM file, which is a key.
func readBlock(data []byte) (*pem.Block, error) {
	block, rest := pem.Decode(data)
	if block == nil {
		return nil, malformed("no PEM block")
	}
	if second, _ := pem.Decode(rest); second != nil || len(bytes.TrimSpace(rest)) != 0 {
		return nil, malformed("more than one PEM block")
	}
	switch block.Type {
	case blockEncrypted, blockPlain:
		return block, nil
	case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY":
		return nil, fmt.Errorf("a %q block, which is not PKCS#8; `openssl pkcs8 -topk8` converts it: %w",
			block.Type, ErrUnsupported)
	}
	return nil, malformed(fmt.Sprintf("a %q block, not a private key", block.Type))
}

func openBlock(block *pem.Block, passphrase []byte) (crypto.Signer, error) {
	e, err := parseEncrypted(block.Bytes)
	if err != nil {
		return nil, err
	}
	plain, err := e.open(passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	// A wrong passphrase leaves a right padding once in 256 times; then what
	// comes out is no SEQUENCE as long as itself.
	whole := cryptobyte.String(plain)
	if !whole.SkipASN1(cbasn1.SEQUENCE) || !whole.Empty() {
		return nil, ErrPassphrase
	}
	return parseInfo(plain)
}

func parseInfo(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		// The text of the error could quote key material; it stays inside.
		return nil, malformed("no PKCS#8 private key of a known kind")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T, which cannot sign: %w", key, ErrUnsupported)
	}
	if err := usable(signer); err != nil {
		return nil, err
	}
	return signer, nil
}

func malformed(what string) error { return fmt.Errorf("%s: %w", what, ErrMalformed) }
