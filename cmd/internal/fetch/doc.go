// Package fetch asks the network for what a verifier lacks: certificates of
// issuers (RFC 5280 §4.2.2.1), revocation lists (§4.2.1.13) and OCSP answers (RFC
// 6960). It is the only part of tamga that does so on account of a document, and
// it is off unless asked for.
//
//	f, err := fetch.New(fetch.Config{Hosts: []string{"crl.example.com"}, Cache: dir, Now: time.Now})
//	s := f.Document()                  // one for each document
//	v.Revocation, v.Issuers = s, s
//	… s.Fetched() … s.Needed()
//
// Trust: none. What comes is evidence like any other, judged by its signatures.
// The URLs are chosen by whoever made the document; without care they would make
// us knock on doors that only we can reach, tell others what we look at, and wait
// for ever.
//
// It refuses hosts that are not on the operator's list (there are none by
// default; [Session.Needed] says which would have been asked), schemes other than
// http and https, URLs with credentials, redirects to anything of that or from
// https to http, addresses that are not on the public network, packed answers,
// and answers that are not what was asked for. It sends no cookies, no
// credentials and no referrer, and minds no proxy of the environment. Content
// types are not looked at: authorities get them wrong.
//
// Limits: [Limits] for each document; the size of each kind of answer. One
// document's requests go out one after the other.
//
// Known attacks, and where they end: a document that names a service of our own
// machine or cloud, directly, by a redirect or by a name that is resolved to it
// (dialControl); an answer that never ends, comes by drops or unpacks to
// gigabytes (ask, read); a thousand URLs (spend); a cache that was tampered with
// (cache.get).
package fetch
