package softkey

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	"tamga/pki"
)

// Opener opens key files. It is a [pki.KeyOpener], and safe for concurrent use
// if Passphrase is.
type Opener struct {
	// Passphrase is asked once for each encrypted file; what it returns is
	// wiped after use. Nil: encrypted files are not opened.
	Passphrase func(context.Context) ([]byte, error)
	// AllowPlain lets keys through that are not encrypted.
	AllowPlain bool
}

// OpenKey opens a `file:` URI (RFC 8089) or a plain path. The error names the
// file and wraps [pki.ErrKeyNotFound], [ErrPermissions], [ErrPassphrase],
// [ErrPlain], [ErrMalformed], [ErrUnsupported], or
// [pki.ErrUnknownAlgorithm].
func (o Opener) OpenKey(ctx context.Context, uri string) (crypto.Signer, error) {
	path, err := filePath(uri)
	if err != nil {
		return nil, fmt.Errorf("opening key %s: %w", uri, err)
	}
	data, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: %w", pki.ErrKeyNotFound, err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening key file: %w", err)
	}
	defer clear(data)
	signer, err := o.parse(ctx, data)
	if err != nil {
		return nil, fmt.Errorf("opening key file %s: %w", path, err)
	}
	return signer, nil
}

// Close does nothing: opened keys are in memory.
func (o Opener) Close() error { return nil }

func (o Opener) parse(ctx context.Context, data []byte) (crypto.Signer, error) {
	block, err := readBlock(data)
	if err != nil {
		return nil, err
	}
	defer clear(block.Bytes)
	if block.Type == blockPlain {
		if !o.AllowPlain {
			return nil, fmt.Errorf("%w; `openssl pkcs8 -topk8 -scrypt` encrypts it", ErrPlain)
		}
		return parseInfo(block.Bytes)
	}
	if o.Passphrase == nil {
		return nil, errors.New("the key is encrypted, and there is no passphrase for it")
	}
	passphrase, err := o.Passphrase(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking for the passphrase: %w", err)
	}
	defer clear(passphrase)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return openBlock(block, passphrase)
}

// filePath returns the path in a URI of RFC 8089 without host, or uri itself if
// it is no URI. One letter before a colon is a Windows drive.
func filePath(uri string) (string, error) {
	scheme, _, ok := strings.Cut(uri, ":")
	if !ok || len(scheme) < 2 || strings.ContainsAny(scheme, `/\.`) {
		if uri == "" {
			return "", fmt.Errorf("the path is empty: %w", pki.ErrKeyNotFound)
		}
		return uri, nil
	}
	if !strings.EqualFold(scheme, "file") {
		return "", fmt.Errorf("a %q URI, not a file: %w", scheme, pki.ErrKeyNotFound)
	}
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("reading the URI: %w", ErrMalformed)
	}
	if u.Host != "" && !strings.EqualFold(u.Host, "localhost") {
		return "", fmt.Errorf("a file on host %q: %w", u.Host, ErrUnsupported)
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", fmt.Errorf("a file URI with more than a path: %w", ErrUnsupported)
	}
	path := u.Path
	if path == "" { // file:name, without a slash: relative, as many write it
		if path, err = url.PathUnescape(u.Opaque); err != nil || path == "" {
			return "", fmt.Errorf("a file URI without a path: %w", ErrMalformed)
		}
	}
	if strings.ContainsRune(path, 0) {
		return "", fmt.Errorf("a zero byte in the path: %w", ErrMalformed)
	}
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	return filepath.FromSlash(path), nil
}
