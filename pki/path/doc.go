// Package path builds and validates certification paths by RFC 5280 §6.1.
package path
