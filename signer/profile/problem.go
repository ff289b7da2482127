package profile

import (
	"errors"
	"strconv"
	"strings"
)

// ErrClaims says that claims do not fit their document type.
var ErrClaims = errors.New("the claims do not fit the document type")

// Problem is what is wrong with one claim. It repeats nothing of its value.
type Problem struct {
	Claim  string // its name, "a.b" inside of an object; "" for all of the input
	Reason string // "is missing"
}

func (p Problem) String() string {
	if p.Claim == "" {
		return "the claims: " + p.Reason
	}
	return p.Claim + " " + p.Reason
}

// ClaimsError names every problem that claims have. It wraps [ErrClaims].
type ClaimsError struct{ Problems []Problem }

func (e *ClaimsError) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.String()
	}
	return ErrClaims.Error() + ": " + strings.Join(parts, "; ")
}

// Is reports whether target is [ErrClaims].
func (e *ClaimsError) Is(target error) bool { return target == ErrClaims }

// maxProblems bounds an error: a hostile input can have thousands.
const maxProblems = 40

type problems struct {
	list []Problem
	more int
}

func (p *problems) add(claim, reason string) {
	if len(p.list) == maxProblems {
		p.more++
		return
	}
	p.list = append(p.list, Problem{shown(claim), reason})
}

func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	if p.more > 0 {
		p.list = append(p.list, Problem{"", "have " + strconv.Itoa(p.more) + " more problems"})
	}
	return &ClaimsError{p.list}
}

// shown returns a claim's name if it looks like one of ours. The name of an
// unknown claim comes from the input and could be anything: a person's name
// put on the wrong side of a colon, or a megabyte.
func shown(name string) string {
	first, second, nested := strings.Cut(name, ".")
	if name == "" || claimName.MatchString(first) && (!nested || claimName.MatchString(second)) {
		return name
	}
	if nested && claimName.MatchString(first) {
		return first + ".(a name that is not shown)"
	}
	return "(a name that is not shown)"
}
