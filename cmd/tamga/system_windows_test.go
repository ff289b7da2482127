package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

func memory(*os.ProcessState) int64 { return 0 }

func pipe(ts *testscript.TestScript, _ bool, _ []string) { ts.Fatalf("no named pipes here") }

func interrupt(ts *testscript.TestScript, _ bool, _ []string) { ts.Fatalf("no signals here") }
