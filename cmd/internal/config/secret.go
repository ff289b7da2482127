package config

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
)

// newSecret returns 256 bits of chance as text.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// readSecret reads a secret that must be ours alone. Neither its content nor
// its length ever stands in an error.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	if othersCanRead(info) {
		return "", fmt.Errorf("reading a secret: others can read %s; make it mode 0600", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" {
		return "", fmt.Errorf("reading a secret: %s is empty", path)
	}
	return secret, nil
}
