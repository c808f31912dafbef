"""Closed periods, and what changed in them nevertheless"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('closed_periods',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('dataset_key', sa.String(length=63), nullable=True),
    sa.Column('closes', sa.Boolean(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_email', sa.String(length=254), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closed_periods')),
    sa.UniqueConstraint('number', name=op.f('uq_closed_periods_number'))
    )
    with op.batch_alter_table('closed_periods', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_closed_periods_dataset_key'), ['dataset_key'], unique=False)

    op.create_table('late_changes',
    sa.Column('upload_id', sa.String(length=32), nullable=False),
    sa.Column('dataset_key', sa.String(length=63), nullable=False),
    sa.Column('source_name', sa.Text(), nullable=False),
    sa.Column('deed', sa.String(length=8), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.String(length=32), nullable=True),
    sa.Column('user_email', sa.String(length=254), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('came', sa.Integer(), nullable=False),
    sa.Column('went', sa.Integer(), nullable=False),
    sa.Column('periods', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.CheckConstraint("deed IN ('upload','undo','redo')", name=op.f('ck_late_changes_deed')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_late_changes'))
    )
    with op.batch_alter_table('late_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_late_changes_dataset_key'), ['dataset_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_late_changes_upload_id'), ['upload_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('late_changes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_late_changes_upload_id'))
        batch_op.drop_index(batch_op.f('ix_late_changes_dataset_key'))

    op.drop_table('late_changes')
    with op.batch_alter_table('closed_periods', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_closed_periods_dataset_key'))

    op.drop_table('closed_periods')
