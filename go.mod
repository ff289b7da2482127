module tamga

go 1.27.4

require (
	codeberg.org/go-pdf/fpdf v0.12.0 // reports as PDF; sets what it is given, byte for byte the same
	github.com/c2sp/wycheproof v0.0.0-20260902155932-3fa63dd0344a // tests: 29,000 attack vectors, pinned by go.sum
	github.com/cloudflare/cfssl v1.7.1 // its config package alone: operators write its profile JSON; its signer is a second issuer in tests
	github.com/danielgtaylor/huma/v2 v2.37.2 // OpenAPI 3.1 from Go types; its handlers are not used (they echo what was submitted)
	github.com/digitorus/pdf v0.1.2 // tests: reads for pdfsign
	github.com/digitorus/pdfsign v0.9.0 // tests and benchmarks: a foreign producer and the baseline
	github.com/fxamacker/cbor/v2 v2.10.0 // the one CBOR with limits, strict modes and raw messages
	github.com/lestrrat-go/jwx/v4 v4.6.0 // makes keys of JWKs behind our strict check; judge of our JWS in tests
	github.com/pelletier/go-toml/v2 v2.4.3 // strict TOML for settings and document types
	github.com/rogpeppe/go-internal v1.16.0 // tests: scripts that run the binary
	github.com/spf13/cobra v1.10.2 // commands, help, completion
	github.com/stretchr/testify v1.12.1 // tests: assertions
	github.com/veraison/go-cose v1.3.0 // tests: judge of our COSE
	go.mozilla.org/pkcs7 v0.10.0 // tests: judge of our CMS
	go.yaml.in/yaml/v3 v3.0.5 // tests: the SD-JWT corpus is YAML
	golang.org/x/crypto v0.58.0 // cryptobyte, OCSP, scrypt
	golang.org/x/image v0.47.0 // the Go fonts, for reports as PDF
	golang.org/x/net v0.61.0 // tests: judge of our HTML
	golang.org/x/sys v0.49.0 // replacing files on Windows; processor time in benchmarks
	golang.org/x/term v0.47.0 // is this a terminal?
	golang.org/x/text v0.43.0 // messages and plurals in three languages; country codes
	rsc.io/qr v0.2.0 // the QR of the server on the terminal
)

require (
	filippo.io/nistec v0.0.4 // indirect
	github.com/BurntSushi/toml v1.4.1-0.20240526193622-a339e1f7089c // indirect
	github.com/digitorus/pkcs7 v0.0.0-20230818184609-3a137a874352 // indirect
	github.com/digitorus/timestamp v0.0.0-20231217203849-220c5c2851b7 // indirect
	github.com/go-logr/logr v1.4.1 // indirect
	github.com/google/certificate-transparency-go v1.1.8 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/jmoiron/sqlx v1.3.5 // indirect
	github.com/lestrrat-go/dsig v1.4.0 // indirect
	github.com/lestrrat-go/option/v3 v3.0.0-alpha1 // indirect
	github.com/mattetti/filebuffer v1.0.1 // indirect
	github.com/pelletier/go-toml v1.9.3 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	github.com/weppos/publicsuffix-go v0.30.0 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	github.com/zmap/zcrypto v0.0.0-20230310154051-c8b263fd8300 // indirect
	github.com/zmap/zlint/v3 v3.5.0 // indirect
	golang.org/x/exp/typeparams v0.0.0-20231108232855-2478ac86f678 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/telemetry v0.0.0-20261010193011-f71dc92da45e // indirect
	golang.org/x/tools v0.52.0 // indirect
	golang.org/x/vuln v1.9.0 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
	honnef.co/go/tools v0.8.2 // indirect
	k8s.io/klog/v2 v2.120.1 // indirect
)

tool (
	golang.org/x/vuln/cmd/govulncheck
	honnef.co/go/tools/cmd/staticcheck
)
