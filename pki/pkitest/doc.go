// Package pkitest draws a whole PKI in one string, for tests: keys,
// certificates, revocation lists, anchors.
//
//	p := pkitest.New(t, "root -> ca -> alice, bob; ca -> tsa[timestamp]; ca.revoked(bob)")
//	key := p.Key("alice")
//	store, source := p.Anchors(), p.Revocation()
//
// # Grammar
//
// A drawing is statements between semicolons or line ends; # begins a comment.
//
//	drawing   = statement { ( ";" | newline ) statement }
//	statement = chain | revoked | change
//	chain     = node { "->" node } [ "->" node "," node … ]
//	node      = name [ "[" attribute { "," attribute } "]" ]
//	revoked   = issuer ".revoked(" name { "," name } ")"
//	change    = name "." attribute "=" value
//
// An arrow issues: the left name signs the certificate of the right one. Who
// issues is a CA; who has no issuer signs itself, and is an anchor. A name may
// stand in many statements, but has one issuer. Attributes are:
//
//	p256 p384 p521 rsa2048 rsa3072 rsa4096
//	ed25519 mldsa44 mldsa65 mldsa87          kind of key, P-256 unless said
//	sign timestamp ocsp mdoc sdjwt ca        uses; "sign" for who issues nothing
//	from=2026-01-01 until=2027-03-01         validity (dates, or RFC 3339 times)
//	revoked  revoked=2026-05-01              on the issuer's CRL; PKI.Now less a
//	                                         day unless said
//	reason=1                                 CRLReason of RFC 5280 §5.3.1
//	pathlen=0                                for a CA
//	cn=Олена Коваль  country=EE              subject; the name itself and UT
//	                                         (Utopia) unless said
//	key=other                                the key of another name
//	nocrl                                    no CRL distribution point
//
// So these three say the same:
//
//	root -> alice[revoked=2026-05-31]
//	root -> alice; alice.revoked = 2026-05-31
//	root -> alice; root.revoked(alice)
//
// Certificates have what their uses demand: a time-stamp unit the one critical
// extended key usage (RFC 3161 §2.3), an OCSP responder id-pkix-ocsp-nocheck
// (RFC 6960 §4.2.2.2), an mdoc signer the usage of ISO 18013-5 B.1.4. For what
// the grammar cannot say, such as a certificate that breaks a rule, there is
// [PKI.Issue].
//
// The time is 2026-06-01 12:00 UTC. RSA keys are made once in a process, and
// shared between its PKIs: the first RSA key of one is the first of another.
package pkitest
