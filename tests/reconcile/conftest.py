import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-cases", action="store_true", help="rewrite the expectations of the golden cases of rules")
