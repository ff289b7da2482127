package path

import (
	"fmt"
	"slices"
)

// question is Params, checked and read.
type question struct {
	Params
	policies []oid // nil: any
	purposes []oid
}

func badParams(format string, args ...any) *Error {
	return &Error{Kind: BadParams, Clause: "RFC 5280 §6.1.1", Detail: fmt.Sprintf(format, args...)}
}

// check refuses a question that would leave a check out without saying so.
func (p Params) check() (*question, *Error) {
	q := &question{Params: p}
	switch {
	case p.Verify == nil:
		return nil, badParams("no function to verify signatures with")
	case p.At.IsZero() && !p.AnyTime:
		return nil, badParams("no time to judge the path for")
	case p.MaxLength < 0:
		return nil, badParams("a path of at most %d certificates", p.MaxLength)
	case p.NestedPurposes && len(p.Purposes) == 0:
		return nil, badParams("nested purposes without a purpose")
	case p.MaxLength == 0:
		q.MaxLength = DefaultMaxLength
	}
	for _, list := range []struct {
		dotted []string
		into   *[]oid
	}{{p.Policies, &q.policies}, {p.Purposes, &q.purposes}, {p.Critical, new([]oid)}} {
		for _, d := range list.dotted {
			id, err := parseOID(d)
			if err != nil {
				return nil, badParams("%v", err)
			}
			*list.into = append(*list.into, id)
		}
	}
	if slices.Contains(q.policies, anyPolicyOID) {
		q.policies = nil
	}
	return q, nil
}
