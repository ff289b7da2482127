package deps

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// source is what one package's shipped files do.
type source struct {
	imports  []string // own packages without the module's name, others whole
	calls    []string // "time.Now", for packages without a dot in their path
	declares []string // "init"
}

// readSources parses every Go file of the module in fsys that ships: no tests,
// no testdata, no nested module. It returns the packages by folder.
func readSources(fsys fs.FS) (map[string]*source, error) {
	module, err := moduleName(fsys)
	if err != nil {
		return nil, err
	}
	out := map[string]*source{}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && !holdsCode(fsys, name) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		pkg := path.Dir(name)
		if out[pkg] == nil {
			out[pkg] = &source{}
		}
		return out[pkg].read(module, name, text)
	})
	return out, err
}

func moduleName(fsys fs.FS) (string, error) {
	text, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return "", fmt.Errorf("reading the module's name: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(name), nil
		}
	}
	return "", fmt.Errorf("reading the module's name: go.mod has no module line")
}

// holdsCode reports whether the go tool would look for packages in dir.
func holdsCode(fsys fs.FS, dir string) bool {
	base := path.Base(dir)
	if base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return false
	}
	_, err := fs.Stat(fsys, path.Join(dir, "go.mod"))
	return err != nil
}

func (s *source) read(module, name string, text []byte) error {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("reading the plan's sources: %w", err)
	}
	local := map[string]string{} // name in this file → import path
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		s.imports = addOnce(s.imports, strings.TrimPrefix(target, module+"/"))
		if spec.Name != nil {
			local[spec.Name.Name] = target
		} else {
			local[path.Base(target)] = target
		}
	}
	if target, ok := local["."]; ok {
		return fmt.Errorf("%s: dot-import of %s hides what is called", name, target)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				s.declares = addOnce(s.declares, "init")
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && local[x.Name] != "" {
				s.calls = addOnce(s.calls, local[x.Name]+"."+n.Sel.Name)
			}
		}
		return true
	})
	return nil
}

func addOnce(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}
