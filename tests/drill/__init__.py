"""The promises of security and reliability, small in the suite and at full size in `make drill`."""
