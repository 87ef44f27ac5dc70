package dashboard_test

import _ "github.com/kirimhooks/kirimhooks/internal/testnet/confine" // no test leaves this machine
