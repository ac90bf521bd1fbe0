module gatehouse.dev/test/cluster/programs

go 1.26.0
