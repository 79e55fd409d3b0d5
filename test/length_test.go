package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"testing"
)

// maxFile and maxFunction are the most lines of a file and of a function.
const (
	maxFile     = 400
	maxFunction = 60
)

// Files and functions are short. The rows of a table do not count as lines of its function.
func TestLength(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		files++
		return checkLength(t, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("%d files are found in %s", files, repository)
	}
}

func checkLength(t *testing.T, path string) error {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if n := fset.File(f.FileStart).LineCount(); n > maxFile {
		t.Errorf("%s: %d lines, want at most %d", path, n, maxFile)
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := lines(fset, fn) - tableLines(fset, fn); n > maxFunction {
			t.Errorf("%s: %s has %d lines, want at most %d", fset.Position(fn.Pos()), fn.Name.Name, n, maxFunction)
		}
	}
	return nil
}

// lines returns the number of lines of a node.
func lines(fset *token.FileSet, n ast.Node) int {
	return fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1
}

// tableLines returns how many lines of a function are rows of tables, which are literals of slices
// and maps.
func tableLines(fset *token.FileSet, fn *ast.FuncDecl) int {
	total := 0
	ast.Inspect(fn, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		switch literal.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
			total += fset.Position(literal.Rbrace).Line - fset.Position(literal.Lbrace).Line
			return false
		}
		return true
	})
	return total
}
