package config

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Limits on files of certificates.
const (
	maxCertificates     = 4 << 20 // bytes of one file
	maxCertificateFiles = 10_000  // in one folder
)

// certificateExts are the names by which a file in a folder says that it holds
// certificates.
var certificateExts = []string{".pem", ".crt", ".cer", ".der", ".cert"}

// LoadCertificates reads a file of certificates, PEM or one in DER. Anything else
// in it is an error, for a half-read list of whom to trust is worse than none.
func LoadCertificates(path string) ([]*x509.Certificate, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("loading certificates: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxCertificates {
		return nil, fmt.Errorf("loading certificates: %s is no file of at most %d MiB", path, maxCertificates>>20)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("loading certificates: %w", err)
	}
	return ParseCertificates(text)
}

// LoadCertificateFolder reads every file in a folder, but not below it, that is
// called *.pem, *.crt, *.cer, *.der or *.cert, by the rules of
// [LoadCertificates]. A folder without any is an error.
func LoadCertificateFolder(dir string) ([]*x509.Certificate, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("loading certificates: %w", err)
	}
	if len(entries) > maxCertificateFiles {
		return nil, fmt.Errorf("loading certificates: %s has more than %d files", dir, maxCertificateFiles)
	}
	var out []*x509.Certificate
	for _, e := range entries {
		if !slices.Contains(certificateExts, strings.ToLower(filepath.Ext(e.Name()))) {
			continue
		}
		list, err := LoadCertificates(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		for _, c := range list {
			if !slices.ContainsFunc(out, c.Equal) {
				out = append(out, c)
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("loading certificates: no file in %s is called %s",
			dir, strings.Join(certificateExts, ", "))
	}
	return out, nil
}

// ParseCertificates reads PEM certificates, at least one, or one in DER.
func ParseCertificates(text []byte) ([]*x509.Certificate, error) {
	if len(text) > 0 && text[0] == 0x30 { // DER SEQUENCE; PEM would begin with '-', or with a comment
		if c, err := x509.ParseCertificate(text); err == nil {
			return []*x509.Certificate{c}, nil
		}
	}
	var out []*x509.Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("loading certificates: the file also holds a %s", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("loading certificates: %w", err)
		}
		out, text = append(out, c), rest
	}
	if len(out) == 0 {
		return nil, errors.New("loading certificates: no PEM certificate found, and it is none in DER")
	}
	if strings.Contains(string(text), "-----BEGIN ") {
		return nil, errors.New("loading certificates: the last PEM block is broken")
	}
	return out, nil
}
