// Package httpapi is tamga over HTTP: decode, call, encode, and no more.
//
//	api := &httpapi.API{Signer: s, Verifier: v, TSA: a, Token: token, …}
//	server := api.Server("127.0.0.1:8080")
//
// The operations, each a row of the table in routes.go, from which both the
// routes and the OpenAPI 3.1 document at /openapi.json are made:
//
//	POST /v1/sign           signs a file                    bearer token
//	POST /v1/issue/{type}   issues an identity document     bearer token
//	POST /v1/verify         judges a document               open
//	GET  /v1/schemas/report JSON Schema of the reports      open
//	POST /tsa               RFC 3161 time-stamps            open
//	GET  /crl/{name}        revocation lists                open
//	GET  /healthz /readyz   alive; ready, or why not        open
//
// Every error is an RFC 9457 problem with a stable type; none repeats what was
// submitted. Nothing that was submitted is logged: a line of the log holds the
// method, the route, the status, sizes and times, and no address.
//
// An upload is held in memory up to 256 KiB and beyond that in a file that only
// we can read, removed before the answer is complete. The package trusts
// nothing that a client sends; in particular a file's name is shown, and never
// opened.
//
// The types of the OpenAPI document come from huma's registry; its handlers
// are not used, because they repeat submitted values in errors (measured with
// v2.37.2), take a body into memory, and answer 404 and 405 in plain text.
package httpapi
