package main

import (
	"fmt"
	"go/ast"
	"go/token"
)

// body changes a function. What must end in a return may no longer do so where
// a mutant leaves a loop or a switch, hence the panic.
func (in *instrumenter) body(signature *ast.FuncType, body *ast.BlockStmt) {
	in.walk(body, signature.Results)
	if signature.Results.NumFields() == 0 || len(body.List) == 0 {
		return
	}
	in.insert(body.Rbrace, `; panic("a mutant came here"); `)
	if last, ok := body.List[len(body.List)-1].(*ast.ReturnStmt); ok {
		in.noError(last, signature.Results)
	}
}

func (in *instrumenter) walk(n ast.Node, results *ast.FieldList) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch s := n.(type) {
		case *ast.FuncLit:
			in.body(s.Type, s.Body)
			return false
		case *ast.GenDecl:
			return s.Tok == token.VAR
		case *ast.IfStmt:
			in.condition(s.Cond)
		case *ast.ForStmt:
			in.loop(s, s.Body)
		case *ast.RangeStmt:
			in.loop(s, s.Body)
		case *ast.SwitchStmt:
			in.cases(s.Body, s.Tag == nil)
		case *ast.TypeSwitchStmt:
			in.cases(s.Body, false)
		case *ast.ReturnStmt:
			in.answers(s, results)
		case *ast.BinaryExpr:
			in.binary(s)
		case *ast.UnaryExpr:
			if s.Op == token.NOT {
				in.negated(s)
			}
		}
		return true
	})
}

// condition makes c false ("never") and turns it round ("negated").
func (in *instrumenter) condition(c ast.Expr) {
	in.done[c] = true
	never, negated := in.add(c, "never"), in.add(c, "negated")
	in.wrap(c, "(((", fmt.Sprintf(") && !mutantOn(%d)) != mutantOn(%d))", never, negated))
}

// negated turns round what is not the condition of anything, such as an
// argument.
func (in *instrumenter) negated(e ast.Expr) {
	if in.done[e] {
		return
	}
	in.done[e] = true
	in.wrap(e, "((", fmt.Sprintf(") != mutantOn(%d))", in.add(e, "negated")))
}

// binary leaves out each operand of && and ||, and moves the bound of an
// inequality by one.
func (in *instrumenter) binary(e *ast.BinaryExpr) {
	switch e.Op {
	case token.LAND, token.LOR:
		in.without(e.X, e.Op)
		in.without(e.Y, e.Op)
	case token.EQL, token.NEQ:
		in.negated(e)
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		n := in.add(e, "bound")
		in.wrap(e, fmt.Sprintf("%s(%d, ", comparisons[e.Op], n), ")")
		at := in.offset(e.OpPos)
		in.edits = append(in.edits, edit{from: at, to: at + len(e.Op.String()), text: ","})
	}
}

// comparisons are functions of the selector, which do the same unless the mutant
// is on.
var comparisons = map[token.Token]string{
	token.LSS: "mutantLess", token.LEQ: "mutantLessOrEqual",
	token.GTR: "mutantMore", token.GEQ: "mutantMoreOrEqual",
}

// without makes an operand true where all must hold, false where one is enough.
func (in *instrumenter) without(e ast.Expr, op token.Token) {
	if nested, ok := e.(*ast.BinaryExpr); ok && nested.Op == op || in.done[e] {
		return
	}
	in.done[e] = true
	n := in.add(e, "without")
	if op == token.LAND {
		in.wrap(e, "((", fmt.Sprintf(") || mutantOn(%d))", n))
	} else {
		in.wrap(e, "((", fmt.Sprintf(") && !mutantOn(%d))", n))
	}
}

// loop is never gone through.
func (in *instrumenter) loop(s ast.Stmt, body *ast.BlockStmt) {
	text := string(in.src[in.offset(s.Pos()):in.offset(body.Lbrace)])
	n := in.addText(s, "skipped", text)
	in.insert(body.Lbrace+1, fmt.Sprintf(" if mutantOn(%d) { break }; ", n))
}

// cases do nothing ("skipped"), unless they are conditions of their own.
func (in *instrumenter) cases(body *ast.BlockStmt, conditions bool) {
	for _, c := range body.List {
		clause := c.(*ast.CaseClause)
		if conditions {
			for _, e := range clause.List {
				in.condition(e)
			}
			continue
		}
		if len(clause.Body) == 0 {
			continue
		}
		text := string(in.src[in.offset(clause.Pos()):in.offset(clause.Colon)])
		n := in.addText(clause, "skipped", text)
		in.insert(clause.Colon+1, fmt.Sprintf(" if mutantOn(%d) { break }; ", n))
	}
}

// answers turns round what a function returns as bool, or makes it true or
// false.
func (in *instrumenter) answers(s *ast.ReturnStmt, results *ast.FieldList) {
	for i, t := range types(results) {
		if len(s.Results) != results.NumFields() || t != "bool" {
			continue
		}
		e := s.Results[i]
		in.done[e] = true
		if name, ok := e.(*ast.Ident); ok && (name.Name == "true" || name.Name == "false") {
			in.wrap(e, "(", fmt.Sprintf(" != mutantOn(%d))", in.add(s, "negated")))
			continue
		}
		in.wrap(e, "(((", fmt.Sprintf(") || mutantOn(%d)) && !mutantOn(%d))",
			in.add(s, "always"), in.add(s, "never")))
	}
}

// noError leaves out the last word of a function.
func (in *instrumenter) noError(s *ast.ReturnStmt, results *ast.FieldList) {
	for i, t := range types(results) {
		if len(s.Results) != results.NumFields() || t != "error" {
			continue
		}
		if name, ok := s.Results[i].(*ast.Ident); !ok || name.Name != "nil" {
			in.wrap(s.Results[i], fmt.Sprintf("mutantNoError(%d, ", in.add(s, "no error")), ")")
		}
	}
}

// types are the names of the types of results, each as often as it is returned.
func types(results *ast.FieldList) (out []string) {
	if results == nil {
		return nil
	}
	for _, f := range results.List {
		name := ""
		if id, ok := f.Type.(*ast.Ident); ok {
			name = id.Name
		}
		for range max(1, len(f.Names)) {
			out = append(out, name)
		}
	}
	return out
}

// What chooses the mutant, and where the program tells which it came by.
const (
	variable      = "TAMGA_CONDITION"
	reachVariable = "TAMGA_CONDITIONS_REACHED"
)

// selector is the file that is added to the package.
const selector = `package %s

import (
	"cmp"
	"os"
	"strconv"
	"sync/atomic"
)

var (
	mutantReach, _  = os.OpenFile(os.Getenv(%q), os.O_WRONLY|os.O_APPEND, 0)
	mutantReached   [%d]atomic.Bool // by number; no test that counts allocations may see it
	mutantNumber, _ = strconv.Atoi(os.Getenv(%q))
)

func mutantOn(n int) bool {
	if mutantReach != nil && !mutantReached[n].Swap(true) {
		mutantReach.WriteString(strconv.Itoa(n) + "\n")
	}
	return mutantNumber == n
}

func mutantNoError(n int, err error) error {
	if mutantOn(n) {
		return nil
	}
	return err
}

func mutantLess[T cmp.Ordered](n int, a, b T) bool {
	return a < b || a == b && mutantOn(n)
}

func mutantLessOrEqual[T cmp.Ordered](n int, a, b T) bool {
	return a < b || a == b && !mutantOn(n)
}

func mutantMore[T cmp.Ordered](n int, a, b T) bool {
	return a > b || a == b && mutantOn(n)
}

func mutantMoreOrEqual[T cmp.Ordered](n int, a, b T) bool {
	return a > b || a == b && !mutantOn(n)
}
`
