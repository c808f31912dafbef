"""Calls of programs"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('call_counts',
    sa.Column('caller', sa.String(length=64), nullable=False),
    sa.Column('window', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('calls', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('caller', 'window', name=op.f('pk_call_counts'))
    )
    op.create_table('kept_calls',
    sa.Column('id_hash', sa.String(length=64), nullable=False),
    sa.Column('body_sha256', sa.String(length=64), nullable=False),
    sa.Column('attempt', sa.String(length=32), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('answer', sa.JSON(), nullable=True),
    sa.PrimaryKeyConstraint('id_hash', name=op.f('pk_kept_calls'))
    )
    op.create_index(op.f('ix_kept_calls_started_at'), 'kept_calls', ['started_at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_kept_calls_started_at'), table_name='kept_calls')
    op.drop_table('kept_calls')
    op.drop_table('call_counts')
