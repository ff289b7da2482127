// Package jose reads and writes JSON web signatures.
package jose
