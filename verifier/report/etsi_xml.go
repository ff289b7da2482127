package report

// The elements of ETSI TS 119 102-2 V1.4.1 that our reports have, in the order
// in which its schema wants them. What we do not say is left out here, too.
const (
	etsiNamespace  = "http://uri.etsi.org/19102/v1.4.1#"
	xmldsigSpace   = "http://www.w3.org/2000/09/xmldsig#"
	xadesNamespace = "http://uri.etsi.org/01903/v1.3.2#"
)

type etsiReport struct {
	XMLName    struct{}        `xml:"ValidationReport"`
	Namespace  string          `xml:"xmlns,attr"`
	DS         string          `xml:"xmlns:ds,attr"`
	XAdES      string          `xml:"xmlns:XAdES,attr"`
	Signatures []etsiSignature `xml:"SignatureValidationReport"`
	Objects    *etsiObjects    `xml:"SignatureValidationObjects"`
}

// etsiSignature is §4.3, the report on one signature.
type etsiSignature struct {
	Identifier  *etsiIdentifier  `xml:"SignatureIdentifier"`
	Constraints *etsiConstraints `xml:"ValidationConstraintsEvaluationReport"`
	Time        *etsiTime        `xml:"ValidationTimeInfo"`
	Document    *etsiDigested    `xml:"SignersDocument"`
	Attributes  *etsiAttributes  `xml:"SignatureAttributes"`
	Signer      *etsiSigner      `xml:"SignerInformation"`
	Process     *etsiProcess     `xml:"SignatureValidationProcess"`
	Status      etsiStatus       `xml:"SignatureValidationStatus"`
	Other       string           `xml:"OtherInformation,omitempty"`
}

type etsiIdentifier struct {
	ID          string      `xml:"id,attr"`
	Digest      *etsiDigest `xml:"DigestAlgAndValue"`
	Value       string      `xml:"ds:SignatureValue,omitempty"`
	HashOnly    bool        `xml:"HashOnly"`
	DocHashOnly bool        `xml:"DocHashOnly"`
	Name        string      `xml:"DAIdentifier,omitempty"`
}

type etsiDigest struct {
	Method etsiMethod `xml:"ds:DigestMethod"`
	Value  string     `xml:"ds:DigestValue"`
}

type etsiMethod struct {
	Algorithm string `xml:"Algorithm,attr"`
}

type etsiDigested struct {
	Digest *etsiDigest `xml:"DigestAlgAndValue"`
}

type etsiConstraints struct {
	Policy etsiPolicy       `xml:"SignatureValidationPolicy"`
	List   []etsiConstraint `xml:"ValidationConstraint"`
}

type etsiPolicy struct {
	Identifier etsiPolicyIdentifier `xml:"SignaturePolicyIdentifier"`
	Name       string               `xml:"PolicyName,omitempty"`
}

// etsiPolicyIdentifier is the policy with its digest, or no more than that
// there is one.
type etsiPolicyIdentifier struct {
	ID      *etsiPolicyID `xml:"XAdES:SignaturePolicyId"`
	Implied *struct{}     `xml:"XAdES:SignaturePolicyImplied"`
}

type etsiPolicyID struct {
	Identifier string      `xml:"XAdES:SigPolicyId>XAdES:Identifier"`
	Hash       *etsiDigest `xml:"XAdES:SigPolicyHash"`
}

type etsiConstraint struct {
	ID         string          `xml:"ValidationConstraintIdentifier"`
	Parameters []etsiParameter `xml:"ValidationConstraintParameter"`
	Applied    string          `xml:"ConstraintStatus>Status"`
	Status     etsiStatus      `xml:"ValidationStatus"`
	Detail     string          `xml:"Indications,omitempty"`
}

type etsiParameter struct {
	Type  string `xml:"Type"`
	Value string `xml:"Value"`
}

type etsiTime struct {
	Validation string  `xml:"ValidationTime"`
	Best       etsiPOE `xml:"BestSignatureTime"`
}

type etsiPOE struct {
	Time   string         `xml:"POETime"`
	Type   string         `xml:"TypeOfProof"`
	Object *etsiReference `xml:"POEObject"`
}

type etsiReference struct {
	ID string `xml:"VOReference,attr"`
}

type etsiAttributes struct {
	SigningTime *etsiSigningTime `xml:"SigningTime"`
	Signature   []etsiStamp      `xml:"SignatureTimeStamp"`
	Content     []etsiStamp      `xml:"AllDataObjectsTimeStamp"`
	References  []etsiStamp      `xml:"SigAndRefsTimeStamp"`
	Archive     []etsiStamp      `xml:"ArchiveTimeStamp"`
	Document    []etsiStamp      `xml:"DocTimeStamp"`
}

type etsiSigningTime struct {
	Signed bool   `xml:"Signed,attr"`
	Time   string `xml:"Time"`
}

type etsiStamp struct {
	Signed bool          `xml:"Signed,attr"`
	Object etsiReference `xml:"AttributeObject"`
	Time   string        `xml:"TimeStampValue"`
}

type etsiSigner struct {
	Certificate etsiReference `xml:"SignerCertificate"`
	Name        string        `xml:"Signer,omitempty"`
}

type etsiProcess struct {
	ID    string `xml:"SignatureValidationProcessID"`
	Other string `xml:"OtherInformation,omitempty"`
}

type etsiStatus struct {
	Main string    `xml:"MainIndication"`
	Sub  string    `xml:"SubIndication,omitempty"`
	Data *etsiData `xml:"AssociatedValidationReportData"`
}

// etsiData is what the status rests on.
type etsiData struct {
	Anchor     *etsiReference  `xml:"TrustAnchor"`
	Chain      *etsiChain      `xml:"CertificateChain"`
	Related    []etsiReference `xml:"RelatedValidationObject"`
	Revocation *etsiRevocation `xml:"RevocationStatusInformation"`
}

type etsiChain struct {
	Signer       etsiReference   `xml:"SigningCertificate"`
	Intermediate []etsiReference `xml:"IntermediateCertificate"`
	Anchor       *etsiReference  `xml:"TrustAnchor"`
}

type etsiRevocation struct {
	Certificate etsiReference  `xml:"ValidationObjectId"`
	Time        string         `xml:"RevocationTime"`
	Reason      string         `xml:"RevocationReason,omitempty"`
	Object      *etsiReference `xml:"RevocationObject"`
}

type etsiObjects struct {
	List []etsiObject `xml:"ValidationObject"`
}

// etsiObject is §4.4: something that the validation used, by its digest.
type etsiObject struct {
	ID       string         `xml:"id,attr"`
	Type     string         `xml:"ObjectType"`
	Digest   *etsiDigest    `xml:"ValidationObjectRepresentation>DigestAlgAndValue"`
	Direct   string         `xml:"ValidationObjectRepresentation>direct,omitempty"` // where there is no digest
	POE      *etsiPOE       `xml:"POE"`
	Proves   *etsiProves    `xml:"POEProvisioning"`
	Judgment *etsiSignature `xml:"ValidationReport"`
}

type etsiProves struct {
	Time string `xml:"POETime"`
}
