"""The tests, beside the package whose layout they mirror."""

import pytest

pytest.register_assert_rewrite("tests.platform_contract", "tests.house", "tests.databases")
