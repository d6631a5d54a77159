// SPDX-License-Identifier: MIT

// dial HOST PORT - what dial.c measures, by Go.
package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	began := time.Now()
	dialer := net.Dialer{Timeout: 30 * time.Second}
	conn, err := dialer.Dial("tcp", net.JoinHostPort(os.Args[1], os.Args[2]))
	if err != nil {
		fmt.Println("-")
		os.Exit(1)
	}
	fmt.Printf("%.1f\n", float64(time.Since(began).Microseconds())/1e3)
	conn.Close()
}
