// Package config is the data folder: what an operator wrote, checked, and what
// it names, opened and wired.
//
//	settings, err := config.Load(dir)            // reads and checks; opens no key
//	house, err := settings.Open(ctx, now, tool)  // signer, time-stamps, lists
//	v, err := config.Judge{Settings: settings, Now: now}.Verifier()  // needs no key
//
// A data folder holds
//
//	tamga.toml      the settings; unknown keys are errors
//	passphrase      opens the key files                    0600
//	token           the bearer token of the HTTP API       0600
//	keys/NAME.pem   PKCS#8, encrypted                      0600
//	certs/NAME.pem  the key's certificates, leaf first
//	crl/NAME.crl    the authority's current list, DER
//	trust/          whom the operator trusts beside those of tamga.toml
//
// A folder that holds "trust" alone is no data folder yet, but enough for
// somebody who only verifies.
//
// [SetUp] makes one for testing, whole or not at all: it is prepared beside its
// place and moved there by one rename.
//
// Trust: the data folder is trusted. Who can read it signs as you; who can
// write it decides whom you trust. Files that others can read are refused by
// softkey. The authorities of a test set-up have their keys in the same folder
// because everything in it is worthless outside of tests.
package config
