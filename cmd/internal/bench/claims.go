package main

// claims are in the order in which they are measured; those of one file stand
// together, because the file is removed after them. A goal is what we have
// reached plus the noise of a shared machine, some 15 %.
var claims = []claim{
	{"cades-sign", 1.10, "SHA-256 of 256 MiB; the one signature is not seen beside it", cadesSign},
	{"cades-sign-checked", 1.10, "SHA-256 twice: the signer opens what it releases", cadesSignChecked},
	{"cades-verify", 1.10, "SHA-256 of 256 MiB; certificates and lists are not seen beside it", cadesVerify},
	{"cms-verify-path", 1.65, "P-256 verify, five times; reading CMS, certificates, OCSP response and CRL come on top", cmsVerifyPath},
	{"archive-verify", 1.15, "P-256 verify of 10,000 values on all processors; the key is prepared, which pays for reading and reporting", archive},
	{"cades-memory", 1.00, "MiB above idle for 2 GiB, of the 16 that we allow ourselves", cadesMemory},
	{"pades-sign", 1.15, "SHA-256 of 64 MiB; what is needed is found by the xref table", padesSign},
	{"pades-sign-checked", 1.50, "SHA-256 twice; two searches as below, for it is opened twice", padesSignChecked},
	{"pades-verify", 1.40, "SHA-256, and one search of all bytes for a hidden /ByteRange", padesVerify},
	{"pades-verify-50", 60.00, "the same document with one signature", padesVerifyMany},
	{"pades-verify-50-64m", 2.60, "SHA-256 of 64 MiB, once; a search, and 50 small signatures on top", padesVerifyManyLarge},
	{"pades-verify-objects", 2.00, "SHA-256 of 8 MiB; an xref table of 40,000 rows is read", padesVerifyObjects},
	{"pades-memory", 1.00, "MiB above idle for a PDF of 500 MiB, of 16", padesMemory},
	{"pades-vs-pdfsign-64m", 0.35, "digitorus/pdfsign 0.9.0 copies the file several times", padesPeerLarge},
	{"pades-vs-pdfsign-50k", 1.00, "though pdfsign does not check its value and our key does", padesPeerSmall},
	{"mdoc-issue", 1.70, "P-256 sign and verify; JSON, 26 salts and digests, CBOR come on top", mdocIssue},
	{"mdoc-verify", 3.30, "P-256 verify, one for each signature in document and path", mdocVerify},
	{"sdjwt-issue", 1.85, "P-256 sign and verify; JSON, 29 disclosures, base64 come on top", sdjwtIssue},
	{"sdjwt-verify", 2.85, "P-256 verify, one for each signature in document and path", sdjwtVerify},
	{"rfc3161-token", 1.35, "P-256 sign and verify; reading the request and CMS come on top", tsaToken},
}
