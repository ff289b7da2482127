package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pelletier/go-toml/v2"
)

// Config is tamga.toml as it is written. All paths are relative to its folder.
type Config struct {
	// Version is that of this format: 1.
	Version int `toml:"version"`
	// Test says that nothing signed with these keys is meant. `tamga serve
	// --dev` starts only with such a folder.
	Test   bool         `toml:"test"`
	Server ServerConfig `toml:"server"`
	// Passphrase is the file whose content opens the key files.
	Passphrase string `toml:"passphrase"`
	// Timestamp is the authority that answers /tsa and stamps what we sign.
	Timestamp TimestampConfig `toml:"timestamp"`
	// Issuer is what identity documents say of who issues them.
	Issuer IssuerConfig `toml:"issuer"`
	// Keys are the signing keys; names are unique.
	Keys []KeyConfig `toml:"key"`
	// Authorities sign revocation lists.
	Authorities []AuthorityConfig `toml:"authority"`
	// Trust lists whom the verifier believes.
	Trust []TrustConfig `toml:"trust"`
	// Online is what may be asked over the network, if that is asked for.
	Online OnlineConfig `toml:"online,omitempty"`
}

// OnlineConfig is what `tamga verify --online` may do. Nothing else uses it.
type OnlineConfig struct {
	// Hosts are the names, with :port unless it is that of the scheme, that may
	// be asked for certificates and revocation information. None: nobody.
	Hosts []string `toml:"hosts"`
}

// ServerConfig is how the HTTP API is offered.
type ServerConfig struct {
	// Token is the file that holds the bearer token.
	Token string `toml:"token"`
	// MaxFile and MaxJSON are the largest bodies in bytes; 0: 1 GiB and 1 MiB.
	MaxFile int64 `toml:"max_file"`
	MaxJSON int64 `toml:"max_json"`
}

// TimestampConfig is a time-stamping authority.
type TimestampConfig struct {
	Key    string `toml:"key"`    // name of a key with the use "timestamp"
	Policy string `toml:"policy"` // dotted object identifier
	// URL is another authority (RFC 3161 §3.4) that stamps what we sign; ours
	// then only answers /tsa. Whoever verifies must trust it, and so must we.
	URL string `toml:"url,omitempty"`
	// TokenSize is the size in bytes of its largest token; 0: at most 8 KiB.
	TokenSize int `toml:"token_size,omitempty"`
}

// IssuerConfig is who issues identity documents.
type IssuerConfig struct {
	Authority string `toml:"authority"` // for people
	Country   string `toml:"country"`   // ISO 3166-1 alpha-2
	URI       string `toml:"uri"`       // iss of SD-JWT VCs
}

// KeyConfig is a key, its certificates and its limits.
type KeyConfig struct {
	Name         string   `toml:"name"`
	URI          string   `toml:"uri"`          // "file:keys/NAME.pem"
	Certificates string   `toml:"certificates"` // PEM, leaf first
	Uses         []string `toml:"uses"`
}

// AuthorityConfig is a certification authority whose lists we sign.
type AuthorityConfig struct {
	Name string `toml:"name"` // of its list: /crl/NAME.crl
	Key  string `toml:"key"`  // name of a key with the use "certificate"
	CRL  string `toml:"crl"`  // file of the current list
}

// TrustConfig is a trust anchor.
type TrustConfig struct {
	Certificate string   `toml:"certificate"` // PEM
	Uses        []string `toml:"uses"`
	Source      string   `toml:"source"` // who says so, for the report
}

// fileName is the settings' name in a data folder.
const fileName = "tamga.toml"

// ErrNoData says that a folder holds no settings.
var ErrNoData = errors.New("no data folder")

// DefaultDir returns the data folder of whoever runs us: $TAMGA_DATA, or the
// system's place for a user's data.
func DefaultDir(getenv func(string) string) (string, error) {
	if dir := getenv("TAMGA_DATA"); dir != "" {
		return dir, nil
	}
	base, rest := getenv("XDG_DATA_HOME"), "tamga"
	switch {
	case filepath.IsAbs(base): // XDG ignores relative paths
	case runtime.GOOS == "windows":
		base = getenv("LOCALAPPDATA")
	case runtime.GOOS == "darwin":
		base, rest = getenv("HOME"), "Library/Application Support/tamga"
	default:
		base, rest = getenv("HOME"), ".local/share/tamga"
	}
	if base == "" {
		return "", errors.New("no home folder known, so no data folder either")
	}
	return filepath.Join(base, rest), nil
}

// CacheDir returns the folder for what was fetched, the system's place for a
// user's cache; "" if that is not known.
func CacheDir(getenv func(string) string) string {
	base, rest := getenv("XDG_CACHE_HOME"), "tamga/fetched"
	switch {
	case filepath.IsAbs(base):
	case runtime.GOOS == "windows":
		base = getenv("LOCALAPPDATA")
	case runtime.GOOS == "darwin":
		base, rest = getenv("HOME"), "Library/Caches/tamga/fetched"
	default:
		base, rest = getenv("HOME"), ".cache/tamga/fetched"
	}
	if base == "" {
		return ""
	}
	return filepath.Join(base, filepath.FromSlash(rest))
}

// read decodes tamga.toml strictly. The error wraps [ErrNoData] if there is
// none.
func read(dir string) (*Config, error) {
	text, err := os.ReadFile(filepath.Join(dir, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s", ErrNoData, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	var c Config
	dec := toml.NewDecoder(bytes.NewReader(text))
	if err := dec.DisallowUnknownFields().Decode(&c); err != nil {
		return nil, fmt.Errorf("reading %s: %w", filepath.Join(dir, fileName), explain(err))
	}
	return &c, nil
}

// explain says where the settings are wrong.
func explain(err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		row, _ := strict.Errors[0].Position()
		return fmt.Errorf("line %d: there is no setting called %v", row, strict.Errors[0].Key())
	}
	if d, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, col := d.Position()
		return fmt.Errorf("line %d, column %d: %w", row, col, d)
	}
	return err
}
