// Package sdjwt reads and writes SD-JWT VCs.
package sdjwt
